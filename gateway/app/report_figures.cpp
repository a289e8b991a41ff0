#include "gateway/app/report_figures.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "gateway/app/credentials.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/watch/reports.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kFields = 200, kLetters = 10'000, kLetterPage = 1000, kCauses = 30, kCauseLength = 120;

void put_number(value::Builder& out, std::string_view name, std::uint64_t number) {
    out.key(name).integer(static_cast<std::int64_t>(number));
}

Result<void> write_trail_figures(value::Builder& out, store::ReadSession& session, bool anchored) {
    TRY(const auto last, session.audit().last());
    TRY(const auto checkpoint, session.audit().last_checkpoint());
    TRY(const auto verified, session.marks().get(std::string(kVerifiedMark)));
    out.key("audit").begin_object().key("entries").integer(last ? last->seq : 0);
    if (verified) {
        out.key("verified_at").text(std::string_view(*verified).substr(verified->find(' ') + 1));
        out.key("whole").boolean(verified->starts_with("yes"));
    }
    if (checkpoint) out.key("checkpoint_at").text(record::timestamp_text(checkpoint->at));
    out.key("anchored").boolean(anchored).end();
    return {};
}

Result<void> write_review(value::Builder& out, Gateway& gateway) {
    const auto& config = gateway.catalogue().config;
    for (const auto& source : review_sources()) {
        TRY(const auto rows, source.gather(gateway));
        out.key(source.member).copy(rows.root());
    }
    std::set<std::string> used;
    for (const auto& connection : config.connections) {
        used.insert(grant_name(connection));
        if (connection.credentials.secret) used.insert(connection.credentials.secret->name);
        for (const auto& [field, text] : connection.credentials.fields)
            if (const auto* reference = text.sole()) used.insert(reference->name);
    }
    if (config.watch.webhook)
        if (const auto* reference = config.watch.webhook->secret.sole()) used.insert(reference->name);
    return gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto secrets, session.secrets().list());
        out.key("credentials").begin_array();
        for (const auto& secret : secrets) {
            out.begin_object().key("name").text(secret.name);
            out.key("changed_at").text(record::timestamp_text(secret.updated));
            out.key("used").boolean(used.contains(secret.name)).end();
        }
        out.end().key("consents").begin_array();
        TRY(const auto consents, session.overview().consents());
        for (const auto& one : consents) {
            out.begin_object().key("purpose").text(one.purpose).key("state").text(one.state);
            put_number(out, "subjects", one.subjects);
            out.end();
        }
        out.end().key("unsupported_deletions").begin_array();
        for (const auto& delivery : config.deliveries)
            if (!delivery.deletes)
                out.begin_object().key("delivery").text(*delivery.name).key("to").text(*delivery.to).end();
        out.end().key("alerts").begin_array();
        TRY(const auto totals, session.alerts().totals());
        for (const auto& one : totals) {
            out.begin_object().key("rule").text(one.rule);
            put_number(out, "raised", one.raised);
            put_number(out, "open", one.open);
            out.end();
        }
        out.end();
        return write_trail_figures(out, session, !config.audit.checkpoints.empty());
    });
}

Result<void> write_streams(value::Builder& out, store::ReadSession& session, Gateway& gateway,
                           const store::Stats& stats, Timestamp now) {
    out.key("streams").begin_array();
    for (const auto& one : stats.streams) {
        if (one.stream.empty()) continue;  // webhooks before their stream was known
        out.begin_object().key("connection").text(one.connection).key("stream").text(one.stream);
        put_number(out, "mapped", one.mapped);
        put_number(out, "unchanged", one.unchanged);
        put_number(out, "quarantined", one.quarantined);
        TRY(const auto runs, session.jobs().list(one.connection, one.stream, 0, 1));
        if (!runs.empty()) {
            const auto& run = runs.front();
            out.key("age_seconds")
                .integer(std::chrono::duration_cast<std::chrono::seconds>(now - run.started_at).count());
            out.key("error").text(run.error);
            const auto* connection = gateway.world().connection(one.connection);
            const auto* stream = connection && connection->streams.contains(one.stream)
                                     ? &connection->streams.find(one.stream)->second
                                     : nullptr;
            out.key("late").boolean(stream && stream->schedule &&
                                    stream->schedule->next(run.started_at) + std::chrono::hours(1) < now);
        }
        out.end();
    }
    out.end();
    return {};
}

Result<void> write_fields(value::Builder& out, store::ReadSession& session) {
    for (const auto& [name, kind] :
         {std::pair{"issues", store::QualityKind::issue}, {"drift", store::QualityKind::drift}}) {
        TRY(const auto rows, session.quality().list(kind, "", "", kFields));
        out.key(name).begin_array();
        for (const auto& row : rows) {
            out.begin_object().key("connection").text(row.connection).key("stream").text(row.stream);
            out.key("path").text(row.path).key("code").text(row.code);
            put_number(out, "count", row.count);
            out.key("last_at").text(record::timestamp_text(row.last_at)).end();
        }
        out.end();
    }
    return {};
}

// Letters whose causes begin alike have one cause.
Result<void> write_causes(value::Builder& out, store::ReadSession& session) {
    std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> causes;
    std::size_t seen = 0;
    for (std::int64_t after = 0; seen < kLetters;) {
        TRY(const auto letters, session.dead_letters().list({}, after, kLetterPage));
        if (letters.empty()) break;
        for (const auto& letter : letters)
            ++causes[{letter.stage, letter.destination.empty() ? letter.connection : letter.destination,
                      letter.cause.substr(0, kCauseLength)}];
        seen += letters.size();
        after = letters.back().id;
    }
    std::vector<std::pair<std::uint64_t, std::tuple<std::string, std::string, std::string>>> sorted;
    for (const auto& [cause, letters] : causes) sorted.emplace_back(letters, cause);
    std::ranges::sort(sorted, std::greater());
    if (sorted.size() > kCauses) sorted.resize(kCauses);
    out.key("causes").begin_array();
    for (const auto& [letters, cause] : sorted) {
        out.begin_object().key("stage").text(std::get<0>(cause)).key("place").text(std::get<1>(cause));
        out.key("cause").text(std::get<2>(cause));
        put_number(out, "letters", letters);
        out.end();
    }
    out.end().key("causes_partial").boolean(seen >= kLetters);
    return {};
}

Result<void> write_quality(value::Builder& out, Gateway& gateway, Timestamp now) {
    return gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto stats, session.counters().stats());
        put_number(out, "records", stats.records);
        put_number(out, "customers", stats.customers);
        put_number(out, "dead_letters", stats.dead_letters);
        TRY(const auto duplicates, session.overview().duplicates());
        out.key("duplicates").begin_object();
        put_number(out, "customers", duplicates.customers);
        put_number(out, "records", duplicates.records);
        out.end();
        CHECK_OK(write_streams(out, session, gateway, stats, now));
        CHECK_OK(write_fields(out, session));
        return write_causes(out, session);
    });
}

}  // namespace

Result<value::Document> report_figures(Gateway& gateway, ReportKind kind) {
    const auto now = gateway.foundation().clock.now();
    value::Builder out;
    out.begin_object().key("gateway").text(gateway.catalogue().config.gateway.name);
    out.key("at").text(record::timestamp_text(now));
    if (kind == ReportKind::review) {
        CHECK_OK(write_review(out, gateway));
    } else {
        CHECK_OK(write_quality(out, gateway, now));
    }
    out.end();
    return out.take();
}

Result<WrittenReport> make_report(Gateway& gateway, ReportKind kind) {
    TRY(const auto figures, report_figures(gateway, kind));
    const auto root = figures.root();
    if (kind == ReportKind::review) return WrittenReport{watch::review_page(root), watch::review_summary(root)};
    return WrittenReport{watch::quality_page(root), watch::quality_summary(root)};
}

}  // namespace tributary::app
