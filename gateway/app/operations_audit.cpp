#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

namespace {

using Answer = Result<value::Document>;
constexpr std::size_t kBatch = 2000;

// All that the store itself keeps, as one text.
Result<std::string> kept_notes(store::Store& store) {
    std::string text;
    CHECK_OK(flow::each_checkpoint(store, [&](const store::AuditCheckpoint& one) { text += one.note; }));
    return text;
}

// checkpoints: the text of a file of notes that lay elsewhere.
run::Task<Answer> verify(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto elsewhere, text_argument(arguments, "checkpoints"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& store = gateway.world().store;
        TRY(const auto own, kept_notes(store));
        TRY(const auto cosigned, gateway.witnesses().notes());
        const auto all = own + cosigned + elsewhere.value_or("");
        const auto notes = audit::open_notes(all, gateway.audit().key());
        std::vector<audit::NoteKey> witnesses;
        for (const auto& route : gateway.witnesses().routes()) witnesses.push_back(route.key);
        const auto testimony = audit::testimony_of(cosigned + elsewhere.value_or(""), gateway.audit().key(), witnesses,
                                                   gateway.witnesses().quorum());
        audit::TrailCheck check(notes.checkpoints);
        CHECK_OK(flow::each_entry(store, 0, [&](const audit::Entry& entry) { return check.add(entry); }));
        const auto outcome = check.finish();
        value::Builder out;
        write_outcome(out, outcome, notes, testimony);
        const bool whole = is_whole(outcome, notes, testimony);
        auto entry = flow::audit_entry(gateway.world().clock, caller, "audit.verify",
                                       {{"entries", std::to_string(outcome.entries)}, {"whole", whole ? "yes" : "no"}});
        // A trail that does not fit is not written on; the mark raises an alert.
        CHECK_OK(store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(note_check(session, whole, gateway.world().clock.now()));
            if (whole) CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        return out.take();
    });
}

// Lines of an export after an entry; `last` when nothing follows.
run::Task<Answer> read(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto after, integer_argument(arguments, "after"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    const auto most = static_cast<std::size_t>(limit.value_or(kBatch));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        // The first page stands for the export.
        if (after.value_or(0) == 0) {
            const auto entry = flow::audit_entry(gateway.world().clock, caller, "audit.export");
            CHECK_OK(flow::write_entry(gateway.world().store, entry));
        }
        std::vector<audit::Entry> entries;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(entries, session.audit().read(after.value_or(0), most));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("lines").begin_array();
        for (const auto& entry : entries) out.text(entry.line());
        out.end().key("after").integer(entries.empty() ? after.value_or(0) : entries.back().seq);
        out.key("last").boolean(entries.size() < most);
        if (!entries.empty() && entries.size() == most) out.key("next").integer(entries.back().seq);
        out.end();
        return out.take();
    });
}

run::Task<Answer> prove(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto seq, integer_argument(arguments, "seq"));
    if (!seq || *seq < 1) co_return fail(Fault::bad_input, "an entry has a number from 1 on", "seq");
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto checkpoint, gateway.audit().keep(true));
        if (!checkpoint || checkpoint->size < static_cast<std::uint64_t>(*seq))
            return fail(Fault::not_found, "there is no such entry", std::to_string(*seq));
        const auto index = static_cast<std::uint64_t>(*seq) - 1;
        audit::Prover prover(audit::inclusion_ranges(index, checkpoint->size));
        std::uint64_t left = checkpoint->size;
        std::string entry;
        CHECK_OK(flow::each_entry(gateway.world().store, 0, [&](const audit::Entry& each) {
            prover.add(each.leaf);
            if (each.seq == *seq) entry = each.bytes;
            return --left > 0;
        }));
        const audit::InclusionProof proof{index, prover.proof(), checkpoint->note};
        // Of a trail that was changed there is no proof.
        CHECK_OK(proof.check(entry, gateway.audit().key()));
        value::Builder out;
        out.begin_object().key("entry").text(entry).key("proof").text(proof.text()).end();
        return out.take();
    });
}

// The public key, which may be given to anybody, and the newest checkpoint, made now.
run::Task<Answer> checkpoint(Gateway& gateway, value::Node) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto newest, gateway.audit().keep(true));
        value::Builder out;
        out.begin_object().key("key").text(gateway.audit().key().text());
        if (newest) out.key("entries").integer(static_cast<std::int64_t>(newest->size)).key("note").text(newest->note);
        out.end();
        return out.take();
    });
}

Result<const flow::WitnessRoute*> witness_argument(Gateway& gateway, value::Node arguments) {
    TRY(const auto name, needed_text(arguments, "witness"));
    return gateway.witnesses().route(name);
}

void write_witnessed(value::Builder& out, const flow::WitnessRoute& route, const audit::Witnessed& witnessed) {
    out.key("witness").text(route.key.name()).key("entries").integer(static_cast<std::int64_t>(witnessed.size));
    if (witnessed.size > 0) out.key("at").text(record::timestamp_text(witnessed.at));
}

// For a witness that is asked by hand: what is to be sent to it.
run::Task<Answer> witness_request(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto* route, witness_argument(gateway, arguments));
        TRY(const auto known, integer_argument(arguments, "known"));
        std::optional<std::uint64_t> from;
        if (known) {
            if (*known < 0) return fail(Fault::bad_input, "a count of entries", "known");
            from = static_cast<std::uint64_t>(*known);
        }
        TRY(const auto request, gateway.witnesses().request(*route, from));
        value::Builder out;
        out.begin_object().key("witness").text(route->key.name()).key("request").text(request).end();
        return out.take();
    });
}

// What it answered.
run::Task<Answer> witness_answer(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto* route, witness_argument(gateway, arguments));
        TRY(const auto answer, needed_text(arguments, "answer"));
        TRY(const auto witnessed, gateway.witnesses().take(*route, answer));
        value::Builder out;
        out.begin_object();
        write_witnessed(out, *route, witnessed);
        out.end();
        return out.take();
    });
}

// Asks all that have an address, now.
run::Task<Answer> witness_ask(Gateway& gateway, value::Node) {
    value::Builder out;
    out.begin_object().key("witnesses").begin_array();
    for (const auto& route : gateway.witnesses().routes()) {
        if (route.url.empty()) continue;
        const auto asked = co_await gateway.witnesses().ask(route);
        out.begin_object();
        write_witnessed(out, route, asked.value_or(audit::Witnessed{}));
        if (!asked) out.key("problem").text(asked.error().text());
        out.end();
    }
    co_return out.end().end().take();
}

}  // namespace

bool is_whole(const audit::TrailCheck::Outcome& outcome, const audit::OpenedNotes& notes,
              const audit::Testimony& testimony) {
    return outcome.reason.empty() && notes.forged == 0 && (testimony.quorum == 0 || testimony.witnessed() > 0);
}

void write_outcome(value::Builder& out, const audit::TrailCheck::Outcome& outcome, const audit::OpenedNotes& notes,
                   const audit::Testimony& testimony) {
    const auto count = [&](std::string_view name, std::uint64_t number) {
        out.key(name).integer(static_cast<std::int64_t>(number));
    };
    out.begin_object();
    count("checked", outcome.entries);
    count("checkpoints", outcome.checkpoints);
    out.key("intact").boolean(is_whole(outcome, notes, testimony)).key("root").text(to_hex(outcome.root.view()));
    if (outcome.broken_at) out.key("broken_at").integer(*outcome.broken_at).key("reason").text(outcome.reason);
    if (notes.forged) count("forged_checkpoints", notes.forged);
    if (notes.torn) count("torn_checkpoints", notes.torn);
    if (testimony.quorum > 0) {
        count("quorum", testimony.quorum);
        count("witnessed", testimony.witnessed());
        if (outcome.reason.empty() && testimony.witnessed() == 0)
            out.key("reason").text("fewer witnesses than the quorum signed a checkpoint of it");
    }
    if (outcome.clock_back_at) out.key("clock_back_at").integer(*outcome.clock_back_at);
    out.end();
}

std::vector<NamedOperation> audit_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::text,
        api::field::texts, api::field::time;
    using enum access::Permission;
    const api::Fields witnessed{text("witness"), integer("entries"), time("at")};
    auto asked = witnessed;
    asked.push_back(text("problem"));
    return {{"audit.verify",
             audit_read,
             verify,
             {text("checkpoints")},
             {integer("checked"), integer("checkpoints"), flag("intact"), text("root"), integer("broken_at"),
              text("reason"), integer("forged_checkpoints"), integer("torn_checkpoints"), integer("clock_back_at"),
              integer("quorum"), integer("witnessed")}},
            {"audit.read",
             audit_export,
             read,
             {integer("after"), integer("limit")},
             {texts("lines"), integer("after"), flag("last"), anything("next")}},
            {"audit.prove", audit_read, prove, {integer("seq").needed()}, {text("entry"), text("proof")}},
            {"audit.checkpoint", audit_read, checkpoint, {}, {text("key"), integer("entries"), text("note")}},
            {"audit.witness_request",
             audit_read,
             witness_request,
             {text("witness").needed(), integer("known")},
             {text("witness"), text("request")}},
            {"audit.witness_answer",
             audit_read,
             witness_answer,
             {text("witness").needed(), text("answer").needed()},
             witnessed},
            {"audit.witness_ask", audit_read, witness_ask, {}, {list("witnesses", asked)}}};
}

}  // namespace tributary::app
