// What an approved request does.
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/flow/access_pack.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/erasure.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/element_path.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;
using consent::RequestAct;
using consent::RequestKind;

// Without workers nobody else works on the webhooks that wait.
run::Task<Result<void>> empty_inbox(Gateway& gateway) {
    if (gateway.serving()) co_return Result<void>{};
    for (std::size_t taken = 1; taken > 0;) {
        CO_TRY(taken, co_await gateway.inbox().round());
    }
    co_return Result<void>{};
}

Answer erase_people(Gateway& gateway, const Uid& uid, const std::string& by) {
    auto& world = gateway.world();
    TRY(const auto kept, flow::run_erasure(world, erasure_tools(gateway), uid, by));
    TRY(const auto progress, flow::ErasureProgress::parse(kept.progress));
    value::Builder out;
    out.begin_object().key("request").text(uid.text()).key("state").text(name_of(kept.request.state));
    out.key("removed").begin_object();
    for (const auto& [table, count] : progress.removed) out.key(table).integer(static_cast<std::int64_t>(count));
    out.end().key("sealed_blobs_tried").integer(static_cast<std::int64_t>(progress.sampled));
    out.key("destinations_told").integer(static_cast<std::int64_t>(progress.tasks));
    out.key("kept_for_the_law").integer(static_cast<std::int64_t>(progress.remainders));
    out.key("waits_for").begin_array();
    for (const auto& one : progress.waits_for) out.text(one);
    return out.end().end().take();
}

// Runs and ends a request in one go, in the transaction that keeps what it did.
Result<void> complete(flow::World& world, flow::KeptRequest& kept, const std::string& by, std::string_view act) {
    const auto now = world.clock.now();
    CHECK_OK(consent::apply(kept.request, {.type = RequestAct::Type::run, .by = by, .at = now}));
    CHECK_OK(consent::apply(kept.request, {.type = RequestAct::Type::finish, .by = by, .at = now}));
    const auto entry = flow::request_entry(world, kept, act, by);
    return world.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(flow::keep_request(session, kept));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    });
}

Answer make_pack(Gateway& gateway, flow::KeptRequest kept, const std::string& by) {
    auto& world = gateway.world();
    // Whether it may run at all is asked before anything is opened.
    auto trial = kept.request;
    CHECK_OK(consent::apply(trial, {.type = RequestAct::Type::run, .by = by, .at = world.clock.now()}));
    TRY(const auto pack,
        flow::gather_access(world, kept.request, retention_notes(gateway.catalogue().config.retention)));
    const auto passphrase = to_base64url(crypto::random_bytes(18, world.random));
    TRY(const auto archive, value::pack_zip(flow::access_files(kept.request.kind, pack.root()), passphrase));
    value::Builder counts;
    counts.begin_object();
    for (const auto& [section, count] : flow::access_counts(pack.root()))
        counts.key(section).integer(static_cast<std::int64_t>(count));
    const auto counted = counts.end().take();
    kept.progress = value::to_json(counted.root());
    CHECK_OK(complete(world, kept, by, "export"));
    value::Builder out;
    out.begin_object().key("request").text(kept.request.uid.text()).key("state").text(name_of(kept.request.state));
    out.key("archive").text(to_base64(archive)).key("passphrase").text(passphrase);
    return out.key("counts").copy(counted.root()).end().take();
}

Answer restrict_people(Gateway& gateway, flow::KeptRequest kept, const std::string& by) {
    auto& world = gateway.world();
    TRY(const auto people, flow::people_of(world, kept.request.customers));
    std::vector<store::SubjectMark> marks;
    for (const auto& subject : people.subjects)
        marks.push_back({store::MarkKind::restricted, subject, "request " + kept.request.uid.text(), std::nullopt, by,
                         world.clock.now()});
    auto trial = kept.request;
    CHECK_OK(consent::apply(trial, {.type = RequestAct::Type::run, .by = by, .at = world.clock.now()}));
    CHECK_OK(world.store.write([&](store::Session& session) { return session.subject_marks().put(marks); }));
    CHECK_OK(complete(world, kept, by, "restrict"));
    return request_answer(kept.request, world.clock.now());
}

// An objection is against what needs no consent too: marketing, profiling, passing on. A withdrawal is of consent.
bool is_meant(RequestKind kind, const consent::Purpose& purpose) {
    if (kind == RequestKind::objection) return purpose.direct_marketing || purpose.profiling || purpose.third_party;
    return consent::needs_consent(purpose.lawful_basis);
}

Answer say_no(Gateway& gateway, flow::KeptRequest kept, const std::string& by) {
    auto& world = gateway.world();
    auto trial = kept.request;
    CHECK_OK(consent::apply(trial, {.type = RequestAct::Type::run, .by = by, .at = world.clock.now()}));
    const bool objection = kept.request.kind == RequestKind::objection;
    std::vector<flow::PreparedConsent> events;
    for (const auto& customer : kept.request.customers) {
        TRY(const auto whole, flow::load_customer(world, customer));
        for (const auto& purpose : world.purposes.all()) {
            if (!is_meant(kept.request.kind, purpose)) continue;
            value::Builder event;
            event.begin_object().key("purpose").text(purpose.key).key("channel").text("any");
            event.key("event_state").text(objection ? "refused" : "withdrawn").key("event_type").text("expressed");
            event.key("origin").text("subject");
            event.key("event_time").text(record::timestamp_text(kept.request.received_at));
            event.key("reason").text(objection ? consent::kObjection : "withdrawal by request");
            const auto document = event.end().take();
            TRY(auto prepared,
                flow::prepare_consent(world, document.root(), customer, whole.subject, world.clock.now()));
            events.push_back(std::move(prepared));
        }
    }
    const auto count = static_cast<std::int64_t>(events.size());
    CHECK_OK(gateway.process().record_consents(std::move(events)));
    CHECK_OK(complete(world, kept, by, objection ? "object" : "withdraw"));
    value::Builder out;
    out.begin_object().key("request").text(kept.request.uid.text()).key("state").text(name_of(kept.request.state));
    return out.key("events").integer(count).end().take();
}

Answer run_request(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    TRY(const auto uid, request_argument(arguments));
    TRY(const auto by, operator_argument(caller, arguments));
    TRY(auto kept, flow::load_request(gateway.world(), uid));
    switch (kept.request.kind) {
        case RequestKind::erasure:
            return erase_people(gateway, uid, by);
        case RequestKind::access:
        case RequestKind::portability:
            return make_pack(gateway, std::move(kept), by);
        case RequestKind::restriction:
            return restrict_people(gateway, std::move(kept), by);
        case RequestKind::objection:
        case RequestKind::withdraw:
            return say_no(gateway, std::move(kept), by);
        case RequestKind::rectification:
            break;
    }
    return fail(Fault::bad_input, "what is right has to be said: `subject rectify` runs it", "request " + uid.text());
}

// The names of the fields are told, never what stands in them or by what an element is named.
Answer rectify(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    auto& world = gateway.world();
    TRY(const auto uid, request_argument(arguments));
    TRY(const auto by, operator_argument(caller, arguments));
    TRY(auto kept, flow::load_request(world, uid));
    if (kept.request.kind != RequestKind::rectification)
        return fail(Fault::bad_input, "is no rectification", "request " + uid.text());
    auto trial = kept.request;
    CHECK_OK(consent::apply(trial, {.type = RequestAct::Type::run, .by = by, .at = world.clock.now()}));
    const auto fields = arguments.find("corrections");
    TRY(const auto done, gateway.process().correct(kept.request.customers, fields));
    value::Builder told;
    told.begin_object().key("fields").begin_array();
    for (const auto field : fields)
        if (const auto path = value::parse_element_path(field.key())) told.text(value::shape_of(*path));
    told.end().key("records").integer(static_cast<std::int64_t>(done.changed)).end();
    const auto progress = told.take();
    kept.progress = value::to_json(progress.root());
    CHECK_OK(complete(world, kept, by, "rectify"));
    value::Builder out;
    out.begin_object().key("request").text(uid.text()).key("state").text(name_of(kept.request.state));
    out.key("records").integer(static_cast<std::int64_t>(done.changed));
    out.key("enqueued").integer(static_cast<std::int64_t>(done.enqueued));
    return out.key("withheld").integer(static_cast<std::int64_t>(done.withheld)).end().take();
}

run::Task<Answer> rectify_any(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&] { return rectify(gateway, caller, arguments); });
}

run::Task<Answer> run_any(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto uid, request_argument(arguments));
    CO_TRY(const auto kept,
           co_await run::on(gateway.world().pool, [&] { return flow::load_request(gateway.world(), uid); }));
    if (kept.request.kind == RequestKind::erasure) CO_CHECK_OK(co_await empty_inbox(gateway));
    co_return co_await run::on(gateway.world().pool, [&] { return run_request(gateway, caller, arguments); });
}

run::Task<Answer> certify(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto uid, request_argument(arguments));
        TRY(const auto kept, flow::load_request(gateway.world(), uid));
        if (kept.request.kind != RequestKind::erasure)
            return fail(Fault::bad_input, "is no erasure: only those are certified", "request " + uid.text());
        TRY(const auto progress, flow::ErasureProgress::parse(kept.progress));
        if (progress.certificate.empty())
            return fail(Fault::not_found, "was not run yet: there is no certificate", "request " + uid.text());
        value::Builder out;
        out.begin_object().key("state").text(name_of(kept.request.state));
        out.key("key").text(gateway.audit().key().text());
        return out.key("certificate").text(progress.certificate).end().take();
    });
}

}  // namespace

flow::ErasureTools erasure_tools(Gateway& gateway) {
    flow::ErasureTools tools;
    tools.remainders = gateway.catalogue().config.retention.remainders;
    tools.inbox_is_past = [&gateway](Timestamp moment) -> Result<bool> {
        store::InboxDepth depth;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(depth, session.inbox().depth());
            return {};
        }));
        return depth.waiting == 0 || (depth.oldest && *depth.oldest > moment);
    };
    tools.sign = [&gateway](std::string_view text) { return gateway.audit().sign(text); };
    return tools;
}

std::vector<NamedOperation> subject_run_operations() {
    using api::field::integer, api::field::object, api::field::text, api::field::texts;
    using enum access::Permission;
    // What of it stands there depends on the kind of the request.
    auto ran = request_fields();
    for (const auto& one :
         {object("removed"), integer("sealed_blobs_tried"), integer("destinations_told"), integer("kept_for_the_law"),
          texts("waits_for"), text("archive"), text("passphrase"), object("counts"), integer("events")})
        ran.push_back(one);
    return {{"subject.run", subject_approve, run_any, {text("request").needed(), text("by")}, ran},
            {"subject.rectify",
             subject_approve,
             rectify_any,
             {text("request").needed(), object("corrections").needed(), text("by")},
             {text("request"), text("state"), integer("records"), integer("enqueued"), integer("withheld")}},
            {"subject.certificate",
             subject_read,
             certify,
             {text("request").needed()},
             {text("state"), text("key"), text("certificate")}}};
}

}  // namespace tributary::app
