// Requests of subjects up to their approval. What runs them stands in operations_subject_run.cpp, what is said of
// people without a request in operations_subject_marks.cpp.
#include <algorithm>
#include <array>

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/base/ascii.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/erased.hpp"
#include "gateway/flow/erasure.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

using consent::RequestAct;

Result<Uid> request_argument(value::Node arguments) {
    TRY(const auto uid, uid_argument(arguments, "request"));
    if (!uid) return fail(Fault::bad_input, "is needed", "argument request");
    return *uid;
}

Result<std::string> operator_argument(const access::Caller& caller, value::Node arguments) {
    TRY(const auto by, text_argument(arguments, "by"));
    if (caller.kind == access::Caller::Kind::local) return by.value_or(caller.actor());
    if (by && *by != caller.actor())
        return fail(Fault::refused, "who does it is who is logged in: leave it out", "argument by");
    return caller.actor();
}

api::Fields request_fields() {
    using api::field::flag, api::field::list_of, api::field::one_of, api::field::text, api::field::time,
        api::field::uid;
    return {uid("request"),
            one_of("kind", api::names_to(consent::RequestKind::withdraw)),
            one_of("state", api::names_to(consent::RequestState::expired)),
            one_of("regulation", api::names_to(consent::Regulation::pipl)),
            list_of("customers", uid("")),
            time("received_at"),
            time("due_at"),
            text("requested_by"),
            text("verified_by"),
            text("verified_how"),
            text("verified_note"),
            time("verified_at"),
            text("approved_by"),
            time("approved_at"),
            text("reason"),
            time("closed_at"),
            flag("overdue")};
}

value::Document request_answer(const consent::SubjectRequest& request, Timestamp now) {
    const auto whole = consent::to_document(request);
    value::Builder out;
    out.begin_object();
    for (auto member : whole.root())
        if (!member.key().starts_with("code_")) out.key(member.key()).copy(member);
    out.key("overdue").boolean(request.overdue(now));
    return out.end().take();
}

// Notes are kept for years beside pseudonyms: they point to a file or a case and repeat nothing of it.
Result<std::string> note_argument(value::Node arguments, std::string_view name) {
    TRY(auto note, needed_text(arguments, name));
    std::size_t digits = 0, most = 0;
    for (const char c : note) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        most = std::max(most, digits);
    }
    if (note.contains('@') || most > 6 || note.size() > 200)
        return fail(
            Fault::bad_input,
            "is a reference such as \"passport seen, file 4711\", at most 200 characters, without addresses and "
            "numbers of the person",
            "argument " + std::string(name));
    return note;
}

Result<std::vector<Uid>> customers_argument(value::Node arguments) {
    TRY(const auto text, needed_text(arguments, "customer"));
    std::vector<Uid> customers;
    for (const auto& part : split(text, ',')) {
        const auto uid = Uid::parse(trim(part));
        if (!uid) return fail(Fault::bad_input, "takes uids of customers, with commas between", "argument customer");
        customers.push_back(*uid);
    }
    return customers;
}

namespace {

using Answer = Result<value::Document>;

run::Task<Answer> request_new(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        consent::SubjectRequest fresh;
        TRY(const auto kind, needed_text(arguments, "kind"));
        const auto named = consent::request_kind_named(kind);
        if (!named)
            return fail(Fault::bad_input,
                        "is access, portability, rectification, erasure, restriction, objection or withdraw",
                        "argument kind");
        fresh.kind = *named;
        TRY(const auto regulation, text_argument(arguments, "regulation"));
        const auto law = consent::regulation_named(regulation.value_or("gdpr"));
        if (!law) return fail(Fault::bad_input, "is gdpr or pipl", "argument regulation");
        fresh.regulation = *law;
        TRY(fresh.requested_by, operator_argument(caller, arguments));
        TRY(const auto customers, customers_argument(arguments));
        TRY(const auto people, flow::people_of(world, customers));
        for (const auto& customer : customers) {
            std::vector<Uid> resolved;
            CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(resolved, session.identity().resolve(std::span(&customer, 1)));
                return {};
            }));
            if (std::ranges::find(fresh.customers, resolved.front()) == fresh.customers.end())
                fresh.customers.push_back(resolved.front());
        }
        // A second one would be worked on beside the first; which of them is verified must not be a matter of luck.
        std::optional<Uid> same;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            for (Uid after;;) {
                TRY(const auto rows, session.subject_requests().list(true, after, 500));
                for (const auto& row : rows) {
                    TRY(const auto other, flow::kept_request(row));
                    if (other.request.kind == fresh.kind && other.request.customers == fresh.customers) same = row.uid;
                }
                if (rows.size() < 500) return {};
                after = rows.back().uid;
            }
        }));
        if (same)
            return fail(Fault::conflict, "the same is asked for by request " + same->text() + " already",
                        "argument customer");
        TRY(const auto kept, flow::receive_request(world, std::move(fresh)));
        return request_answer(kept.request, world.clock.now());
    });
}

// Eight digits, each as likely as any other.
std::string fresh_code(crypto::Random& random) {
    std::string code;
    while (code.size() < 8) {
        std::array<std::uint8_t, 1> byte{};
        random.fill(byte);
        if (byte[0] < 250) code += static_cast<char>('0' + byte[0] % 10);
    }
    return code;
}

std::string code_hash(const flow::World& world, const Uid& request, std::string_view code) {
    return to_hex(world.blind.of("request_code:" + request.text(), trim(code)).view());
}

// Whether the golden view of this customer has it: a request never brings a new contact point.
bool is_known(value::Node golden, std::string_view point) {
    const auto email = flow::normal_contact_point("email", point);
    for (auto one : golden.find("emails"))
        if (one.find("norm").text() == email || one.find("address").text() == point) return true;
    for (auto one : golden.find("phones"))
        if (one.find("e164").text() == point) return true;
    return false;
}

// The code goes to the operator who asked, whose own channel sends it: this gateway writes to nobody by itself.
run::Task<Answer> challenge_request(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto to, needed_text(arguments, "to"));
        TRY(const auto by, operator_argument(caller, arguments));
        TRY(const auto kept, flow::load_request(world, uid));
        for (const auto& customer : kept.request.customers) {
            TRY(const auto whole, flow::load_customer(world, customer));
            if (!is_known(whole.golden.root(), to))
                return fail(Fault::refused,
                            "is no contact point that this person had before: a code goes to a known one, or an "
                            "operator attests",
                            "argument to");
        }
        const auto code = fresh_code(world.random);
        RequestAct act{.type = RequestAct::Type::challenge,
                       .by = by,
                       .text = code_hash(world, uid, code),
                       .at = world.clock.now()};
        CHECK_OK(flow::act_on_request(world, uid, act, "challenge"));
        value::Builder out;
        out.begin_object().key("code").text(code).key("valid_until");
        out.text(record::timestamp_text(act.at + consent::kCodeLife));
        return out.key("send_by").text("your own channel: this gateway sends nothing").end().take();
    });
}

run::Task<Answer> verify_request(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto code, text_argument(arguments, "code"));
        TRY(const auto by, operator_argument(caller, arguments));
        RequestAct act{.by = by, .at = world.clock.now()};
        if (code) {
            act.type = RequestAct::Type::prove;
            act.text = code_hash(world, uid, *code);
        } else {
            act.type = RequestAct::Type::attest;
            TRY(act.text, note_argument(arguments, "attest"));
        }
        TRY(const auto kept, flow::act_on_request(world, uid, act, "verify"));
        return request_answer(kept.request, act.at);
    });
}

// What it is about, in numbers.
Result<value::Document> scope_of(flow::World& world, const consent::SubjectRequest& request) {
    TRY(const auto people, flow::people_of(world, request.customers));
    store::PersonCounts counts;
    std::vector<store::SubjectMark> held;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(counts, session.person_rows().count(people));
        TRY(held, session.subject_marks().of(store::MarkKind::held, people.subjects, world.clock.now()));
        return {};
    }));
    value::Builder out;
    out.begin_object();
    for (const auto& [table, count] : flow::counts_by_table(counts))
        out.key(table).integer(static_cast<std::int64_t>(count));
    if (!held.empty()) out.key("under_hold").text(held.front().basis);
    return out.end().take();
}

// The scope is taken before anybody approves, so that it is known what is approved.
run::Task<Answer> approve_request(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto by, operator_argument(caller, arguments));
        TRY(auto kept, flow::load_request(world, uid));
        const auto now = world.clock.now();
        TRY(const auto scope, scope_of(world, kept.request));
        if (kept.request.state == consent::RequestState::verified)
            CHECK_OK(flow::act_on_request(world, uid, {.type = RequestAct::Type::scope, .by = by, .at = now}, "scope"));
        TRY(kept, flow::act_on_request(world, uid,
                                       {.type = RequestAct::Type::approve,
                                        .by = by,
                                        .at = now,
                                        .four_eyes_above = gateway.catalogue().config.retention.four_eyes_above},
                                       "approve"));
        const auto answer = request_answer(kept.request, now);
        value::Builder out;
        out.begin_object();
        for (auto member : answer.root()) out.key(member.key()).copy(member);
        return out.key("scope").copy(scope.root()).end().take();
    });
}

run::Task<Answer> reject_request(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto by, operator_argument(caller, arguments));
        TRY(const auto reason, note_argument(arguments, "reason"));
        const auto now = world.clock.now();
        TRY(const auto kept,
            flow::act_on_request(world, uid, {.type = RequestAct::Type::reject, .by = by, .text = reason, .at = now},
                                 "reject"));
        return request_answer(kept.request, now);
    });
}

run::Task<Answer> list_requests(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const bool all, flag_argument(arguments, "all"));
        TRY(const bool overdue, flag_argument(arguments, "overdue"));
        TRY(const auto after, uid_argument(arguments, "after"));
        TRY(const auto limit, integer_argument(arguments, "limit"));
        const auto most = static_cast<std::size_t>(limit.value_or(100));
        std::vector<store::SubjectRequestRow> rows;
        std::uint64_t late = 0;
        const auto now = world.clock.now();
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(rows, session.subject_requests().list(!all, after.value_or(Uid{}), most));
            TRY(late, session.subject_requests().overdue(now));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("overdue").integer(static_cast<std::int64_t>(late)).key("requests").begin_array();
        for (const auto& row : rows) {
            const bool is_late = !row.closed_at && row.due_at < now;
            if (overdue && !is_late) continue;
            out.begin_object().key("request").text(row.uid.text()).key("kind").text(row.kind);
            out.key("state").text(row.state).key("received_at").text(record::timestamp_text(row.received_at));
            out.key("due_at").text(record::timestamp_text(row.due_at)).key("overdue").boolean(is_late).end();
        }
        out.end();
        if (rows.size() == most && most > 0) out.key("next").text(rows.back().uid.text());
        return out.end().take();
    });
}

run::Task<Answer> show_request(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto kept, flow::load_request(world, uid));
        TRY(const auto progress,
            flow::ErasureProgress::parse(kept.request.kind == consent::RequestKind::erasure ? kept.progress : ""));
        const auto answer = request_answer(kept.request, world.clock.now());
        value::Builder out;
        out.begin_object();
        for (auto member : answer.root()) out.key(member.key()).copy(member);
        if (kept.request.kind == consent::RequestKind::erasure) {
            out.key("removed").begin_object();
            for (const auto& [table, count] : progress.removed)
                out.key(table).integer(static_cast<std::int64_t>(count));
            out.end().key("waits_for").begin_array();
            for (const auto& one : progress.waits_for) out.text(one);
            out.end();
        }
        return out.end().take();
    });
}

}  // namespace

std::vector<NamedOperation> subject_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::object,
        api::field::one_of, api::field::text, api::field::texts, api::field::time, api::field::uid;
    using enum access::Permission;
    const auto request = text("request").needed(), by = text("by"), customer = text("customer").needed();
    const auto document = request_fields();
    auto approved = document, shown = document;
    approved.push_back(object("scope"));
    shown.push_back(object("removed"));
    shown.push_back(texts("waits_for"));
    const api::Fields listed{uid("request"),
                             one_of("kind", api::names_to(consent::RequestKind::withdraw)),
                             one_of("state", api::names_to(consent::RequestState::expired)),
                             time("received_at"),
                             time("due_at"),
                             flag("overdue")};
    return {{"subject.request",
             subject_request,
             request_new,
             {text("kind").needed(), customer, text("regulation"), by},
             document},
            {"subject.challenge",
             subject_request,
             challenge_request,
             {request, text("to").needed(), by},
             {text("code"), time("valid_until"), text("send_by")}},
            {"subject.verify", subject_request, verify_request, {request, text("code"), text("attest"), by}, document},
            {"subject.approve", subject_approve, approve_request, {request, by}, approved},
            {"subject.reject", subject_approve, reject_request, {request, text("reason").needed(), by}, document},
            {"subject.list",
             subject_read,
             list_requests,
             {flag("all"), flag("overdue"), text("after"), integer("limit")},
             {integer("overdue"), list("requests", listed), anything("next")}},
            {"subject.show", subject_read, show_request, {request}, shown}};
}

}  // namespace tributary::app
