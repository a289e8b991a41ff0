#include "gateway/app/arguments.hpp"
#include "gateway/app/dead_letter_payload.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/redrive.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;
constexpr std::int64_t kListed = 100;

Result<store::DeadLetterFilter> letter_filter(value::Node arguments) {
    store::DeadLetterFilter filter;
    TRY(filter.stage, text_argument(arguments, "stage"));
    TRY(filter.connection, text_argument(arguments, "connection"));
    TRY(filter.destination, text_argument(arguments, "destination"));
    TRY(filter.entity, text_argument(arguments, "entity"));
    TRY(filter.mapping_version, text_argument(arguments, "mapping_version"));
    TRY(filter.cause_contains, text_argument(arguments, "cause"));
    TRY(filter.record, uid_argument(arguments, "record"));
    TRY(filter.customer, uid_argument(arguments, "customer"));
    TRY(filter.failed_since, time_argument(arguments, "since"));
    TRY(filter.failed_before, time_argument(arguments, "before"));
    TRY(filter.redriven, flag_argument(arguments, "redriven"));
    return filter;
}

void write_letter(value::Builder& out, const store::DeadLetter& letter) {
    out.begin_object()
        .key("id")
        .integer(letter.id)
        .key("stage")
        .text(letter.stage)
        .key("fault")
        .text(name_of(letter.fault));
    out.key("connection")
        .text(letter.connection)
        .key("stream")
        .text(letter.stream)
        .key("destination")
        .text(letter.destination);
    out.key("entity").text(letter.entity).key("record_key").text(letter.record_key).key("cause").text(letter.cause);
    out.key("mapping_version").text(letter.mapping_version).key("attempts").integer(letter.attempts);
    out.key("last_failed_at").text(record::timestamp_text(letter.last_failed_at)).end();
}

run::Task<Answer> list_queue(Gateway& gateway, value::Node arguments) {
    CO_TRY(auto filter, letter_filter(arguments));
    CO_TRY(auto limit, integer_argument(arguments, "limit"));
    CO_TRY(auto after, integer_argument(arguments, "after"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            auto& dead = session.dead_letters();
            TRY(auto total, dead.count(filter));
            const auto most = static_cast<std::size_t>(limit.value_or(kListed));
            TRY(auto letters, dead.list(filter, after.value_or(0), most));
            out.begin_object().key("total").integer(static_cast<std::int64_t>(total)).key("dead_letters").begin_array();
            for (const auto& letter : letters) write_letter(out, letter);
            out.end();
            if (letters.size() == most && most > 0) out.key("next").integer(letters.back().id);
            out.end();
            return {};
        }));
        return out.take();
    });
}

void write_lane(value::Builder& out, const store::LaneRow& lane, Timestamp now) {
    const auto waits = lane.oldest ? now - *lane.oldest : Milliseconds(0);
    out.begin_object().key("lane").integer(lane.lane).key("destination").text(lane.destination);
    out.key("customer").text(lane.lane_key);
    out.key("waits_seconds").integer(std::chrono::duration_cast<std::chrono::seconds>(waits).count());
    out.key("items").integer(static_cast<std::int64_t>(lane.depth)).key("failures").integer(lane.fail_count);
    out.key("blocked").boolean(lane.blocked).key("next_run_at").text(record::timestamp_text(lane.next_run_at));
    out.key("error").text(lane.error).end();
}

Result<store::LaneFilter> lane_filter(value::Node arguments) {
    store::LaneFilter filter;
    TRY(filter.destination, text_argument(arguments, "destination"));
    TRY(filter.lane_key, text_argument(arguments, "customer"));
    TRY(filter.blocked_only, flag_argument(arguments, "blocked"));
    return filter;
}

// All of them, page by page, in the order in which they were made.
run::Task<Answer> lanes(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto filter, lane_filter(arguments));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    CO_TRY(const auto after, integer_argument(arguments, "after"));
    const auto most = static_cast<std::size_t>(limit.value_or(kListed));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(auto rows, session.outbox().lanes(filter, after.value_or(0), most));
            out.begin_object().key("lanes").begin_array();
            for (const auto& lane : rows) write_lane(out, lane, gateway.world().clock.now());
            out.end();
            if (rows.size() == most && most > 0) out.key("next").integer(rows.back().lane);
            out.end();
            return {};
        }));
        return out.take();
    });
}

// The first page alone, the longest wait first: what an operator looks for.
run::Task<Answer> oldest(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto filter, lane_filter(arguments));
    CO_TRY(const auto age, text_argument(arguments, "older_than"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    const auto now = gateway.world().clock.now();
    std::optional<Timestamp> before;
    if (age) {
        const auto span = parse_duration(*age);
        if (!span) co_return fail(Fault::bad_input, "takes a duration such as 30m or 2h", "argument older_than");
        before = now - *span;
    }
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(auto rows,
                session.overview().oldest_lanes(filter, before, static_cast<std::size_t>(limit.value_or(kListed))));
            out.begin_object().key("lanes").begin_array();
            for (const auto& lane : rows) write_lane(out, lane, now);
            out.end().end();
            return {};
        }));
        return out.take();
    });
}

run::Task<Answer> withheld(Gateway& gateway, value::Node arguments) {
    CO_TRY(auto destination, text_argument(arguments, "destination"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    CO_TRY(const auto after, integer_argument(arguments, "after"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            const auto most = static_cast<std::size_t>(limit.value_or(kListed));
            TRY(auto rows, session.withheld().list(destination, after.value_or(0), most));
            out.begin_object().key("withheld").begin_array();
            for (const auto& row : rows) {
                out.begin_object()
                    .key("destination")
                    .text(row.destination)
                    .key("entity")
                    .text(row.entity)
                    .key("record")
                    .text(row.record.text());
                out.key("purpose")
                    .text(row.purpose)
                    .key("reason")
                    .text(row.reason)
                    .key("since")
                    .text(record::timestamp_text(row.since))
                    .end();
            }
            out.end();
            if (rows.size() == most && most > 0) out.key("next").integer(rows.back().id);
            out.end();
            return {};
        }));
        return out.take();
    });
}

run::Task<Answer> show(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto id, integer_argument(arguments, "id"));
    if (!id) co_return fail(Fault::bad_input, "is needed", "argument id");
    CO_TRY(bool payload, flag_argument(arguments, "payload"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        std::optional<store::DeadLetter> letter;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(letter, session.dead_letters().get(*id));
            return {};
        }));
        if (!letter)
            return fail(Fault::not_found, "there is no dead letter of this id", "dead letter " + std::to_string(*id));
        if (payload) {
            const auto entry = flow::audit_entry(world.clock, caller, "dead_letter.read",
                                                 {{"dead_letter", std::to_string(*id)}, {"rows", "1"}});
            CHECK_OK(flow::write_entry(world.store, entry));
        }
        value::Builder out;
        out.begin_object().key("dead_letter");
        write_letter(out, *letter);
        if (payload) CHECK_OK(write_payload(gateway, caller, arguments, *letter, out));
        out.end();
        return out.take();
    });
}

run::Task<Answer> redrive(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    flow::RedriveOptions options;
    CO_TRY(options.filter, letter_filter(arguments));
    CO_TRY(bool confirmed, flag_argument(arguments, "confirm"));
    CO_TRY(auto limit, integer_argument(arguments, "limit"));
    options.dry_run = !confirmed;
    if (limit) options.limit = static_cast<std::size_t>(*limit);
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(auto report, flow::redrive(world, gateway.process(), options));
        if (!options.dry_run) {
            auto entry = flow::audit_entry(world.clock, caller, "queue.redrive",
                                           {{"redriven", std::to_string(report.redriven)}});
            CHECK_OK(flow::write_entry(world.store, entry));
        }
        value::Builder out;
        out.begin_object()
            .key("dry_run")
            .boolean(options.dry_run)
            .key("matched")
            .integer(static_cast<std::int64_t>(report.matched));
        out.key(options.dry_run ? "would_redrive" : "redriven").integer(static_cast<std::int64_t>(report.redriven));
        out.key("kept").integer(static_cast<std::int64_t>(report.kept)).key("outcomes").begin_array();
        for (const auto& one : report.outcomes) {
            out.begin_object().key("id").integer(one.id).key("stage").text(one.stage).key("where").text(one.where);
            out.key("record_key")
                .text(one.record_key)
                .key("ok")
                .boolean(one.redriven)
                .key("cause")
                .text(one.cause)
                .end();
        }
        out.end().end();
        return out.take();
    });
}

run::Task<Answer> drop(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto id, integer_argument(arguments, "id"));
    if (!id) co_return fail(Fault::bad_input, "is needed: letters are dropped one at a time", "argument id");
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        std::uint64_t removed = 0;
        auto entry = flow::audit_entry(world.clock, caller, "queue.drop", {{"dead_letter", std::to_string(*id)}});
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            TRY(removed, session.dead_letters().remove(std::span(&*id, 1)));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        if (removed == 0)
            return fail(Fault::not_found, "there is no dead letter of this id", "dead letter " + std::to_string(*id));
        value::Builder out;
        out.begin_object().key("dropped").integer(static_cast<std::int64_t>(removed)).end();
        return out.take();
    });
}

// Pause, resume and unblock: one change of a destination's or lane's state, audited.
run::Task<Answer> change(Gateway& gateway, const access::Caller& caller, std::string what, flow::ActDetails details,
                         std::function<Result<void>(store::Session&)> change) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        auto entry = flow::audit_entry(world.clock, caller.actor_type(), caller.actor(), what, details);
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(change(session));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("done").text(what).end();
        return out.take();
    });
}

run::Task<Answer> pause(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto destination, needed_text(arguments, "destination"));
    CO_TRY(auto reason, text_argument(arguments, "reason"));
    auto now = gateway.world().clock.now();
    co_return co_await change(
        gateway, caller, "queue.pause", {{"destination", destination}}, [=](store::Session& session) {
            return session.outbox().pause(destination, reason.value_or("paused by the operator"), now, std::nullopt);
        });
}

run::Task<Answer> resume(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto destination, needed_text(arguments, "destination"));
    co_return co_await change(gateway, caller, "queue.resume", {{"destination", destination}},
                              [=](store::Session& session) { return session.outbox().resume(destination); });
}

run::Task<Answer> unblock(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto lane, integer_argument(arguments, "lane"));
    if (!lane) co_return fail(Fault::bad_input, "is needed", "argument lane");
    auto now = gateway.world().clock.now();
    co_return co_await change(gateway, caller, "queue.unblock", {{"lane", std::to_string(*lane)}},
                              [=](store::Session& session) { return session.outbox().unblock(*lane, now); });
}

}  // namespace

std::vector<NamedOperation> queue_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::object,
        api::field::one_of, api::field::text, api::field::time, api::field::uid;
    using enum access::Permission;
    const api::Fields filter{text("stage"), text("connection"),      text("destination"), text("entity"),
                             text("cause"), text("mapping_version"), text("record"),      text("customer"),
                             text("since"), text("before"),          flag("redriven"),    integer("limit")};
    auto listed = filter, redriven = filter;
    listed.push_back(integer("after"));
    redriven.push_back(flag("confirm"));
    const api::Fields done{text("done")};
    const api::Fields letter{
        integer("id"),           text("stage"),       one_of("fault", api::names_to(Fault::internal)),
        text("connection"),      text("stream"),      text("destination"),
        text("entity"),          text("record_key"),  text("cause"),
        text("mapping_version"), integer("attempts"), time("last_failed_at")};
    const api::Fields lane{integer("lane"),          text("destination"), text("customer"),
                           integer("waits_seconds"), integer("items"),    integer("failures"),
                           flag("blocked"),          time("next_run_at"), text("error")};
    const api::Fields held{text("destination"), text("entity"), uid("record"),
                           text("purpose"),     text("reason"), time("since")};
    const api::Fields outcome{integer("id"),      text("stage"), text("where"),
                              text("record_key"), flag("ok"),    text("cause")};
    return {
        {"queue.list",
         queue_read,
         list_queue,
         listed,
         {integer("total"), list("dead_letters", letter), anything("next")}},
        {"queue.lanes",
         queue_read,
         lanes,
         {text("destination"), text("customer"), flag("blocked"), integer("limit"), integer("after")},
         {list("lanes", lane), anything("next")}},
        {"queue.oldest",
         queue_read,
         oldest,
         {text("destination"), text("customer"), flag("blocked"), text("older_than"), integer("limit")},
         {list("lanes", lane)}},
        {"queue.withheld",
         queue_read,
         withheld,
         {text("destination"), integer("limit"), integer("after")},
         {list("withheld", held), anything("next")}},
        {"queue.show",
         queue_read,
         show,
         {integer("id").needed(), flag("payload"), text("read_for")},
         {object("dead_letter", letter), anything("payload"), text("payload_base64")}},
        {"queue.redrive",
         queue_change,
         redrive,
         redriven,
         {flag("dry_run"), integer("matched"), integer("would_redrive"), integer("redriven"), integer("kept"),
          list("outcomes", outcome)}},
        {"queue.drop", queue_change, drop, {integer("id").needed()}, {integer("dropped")}},
        {"queue.pause", queue_change, pause, {text("destination").needed(), text("reason")}, done},
        {"queue.resume", queue_change, resume, {text("destination").needed()}, done},
        {"queue.unblock", queue_change, unblock, {integer("lane").needed()}, done},
    };
}

}  // namespace tributary::app
