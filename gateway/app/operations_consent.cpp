#include "gateway/app/arguments.hpp"
#include "gateway/app/consent_person.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/suppression.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

struct Defaults {
    std::string_view event_type, origin;
};
constexpr Defaults kByOperator{"admin", "agent_on_behalf"};
constexpr Defaults kByImport{"imported", "import"};

// What the arguments say about the act, as a mapping would have written it.
Result<value::Document> act_of(Gateway& gateway, value::Node arguments, const Defaults& defaults) {
    auto& world = gateway.world();
    TRY(auto purpose, needed_text(arguments, "purpose"));
    TRY(auto state, needed_text(arguments, "state"));
    if (!world.purposes.covers(purpose))
        return fail(Fault::bad_input, "is not in the purposes file", "argument purpose");
    value::Builder event;
    event.begin_object();
    auto put = [&](std::string_view name, std::string_view fallback) -> Result<void> {
        TRY(auto text, text_argument(arguments, name));
        if ((text && !text->empty()) || !fallback.empty())
            event.key(name).text(text && !text->empty() ? *text : std::string(fallback));
        return {};
    };
    event.key("purpose").text(purpose).key("event_state").text(state);
    CHECK_OK(put("channel", "any"));
    CHECK_OK(put("event_type", defaults.event_type));
    CHECK_OK(put("origin", defaults.origin));
    CHECK_OK(put("event_time", record::timestamp_text(world.clock.now())));
    for (auto name :
         {"valid_from", "valid_until", "reason", "controller", "brand", "lawful_basis", "withdrawal_method"})
        CHECK_OK(put(name, ""));
    TRY(auto email, text_argument(arguments, "email"));
    if (email && !email->empty())
        event.key("contact_point").begin_object().key("kind").text("email").key("value").text(*email).end();
    TRY(auto proof, text_argument(arguments, "proof"));
    if (proof && !proof->empty()) event.key("proof").begin_object().key("kind").text(*proof).end();
    TRY(auto confirmed, time_argument(arguments, "doi_confirmed_at"));
    if (confirmed) event.key("doi").begin_object().key("confirmed_at").text(record::timestamp_text(*confirmed)).end();
    event.end();
    return event.take();
}

Result<flow::PreparedConsent> event_of(Gateway& gateway, value::Node arguments, const Defaults& defaults) {
    TRY(auto whom, find_person(gateway, arguments));
    TRY(auto act, act_of(gateway, arguments, defaults));
    auto now = gateway.world().clock.now();
    return flow::prepare_consent(gateway.world(), act.root(), whom.contact, whom.subject, now);
}

api::Fields event_arguments() {
    using api::field::text;
    return {text("customer"),       text("connection"), text("external_id"),     text("purpose").needed(),
            text("state").needed(), text("channel"),    text("event_type"),      text("origin"),
            text("event_time"),     text("valid_from"), text("valid_until"),     text("reason"),
            text("controller"),     text("brand"),      text("lawful_basis"),    text("withdrawal_method"),
            text("email"),          text("proof"),      text("doi_confirmed_at")};
}

// A file is nobody's own word: a grant in it that says so of itself has to show proof. What it takes back counts as it
// stands.
Result<flow::PreparedConsent> imported_event(Gateway& gateway, value::Node arguments) {
    CHECK_OK(api::check_arguments(event_arguments(), arguments));
    TRY(auto event, event_of(gateway, arguments, kByImport));
    const auto& act = event.event;
    if (!act.is_grant() || act.has_proof() || act.origin == consent::Origin::import) return event;
    return fail(Fault::bad_input, "a grant without proof can only be imported with origin import", "argument origin");
}

run::Task<Answer> record_event(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto event, event_of(gateway, arguments, kByOperator));
        TRY(auto result, gateway.process().record_consents({std::move(event)}));
        value::Builder out;
        out.begin_object()
            .key("recorded")
            .integer(1)
            .key("released")
            .integer(static_cast<std::int64_t>(result.enqueued))
            .end();
        return out.take();
    });
}

run::Task<Answer> import(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        std::vector<flow::PreparedConsent> events;
        std::int64_t row = 0;
        value::Builder out;
        out.begin_object().key("refused").begin_array();
        for (auto one : arguments.find("events")) {
            ++row;
            auto event = imported_event(gateway, one);
            if (event)
                events.push_back(std::move(*event));
            else
                out.begin_object().key("row").integer(row).key("cause").text(event.error().text()).end();
        }
        auto count = static_cast<std::int64_t>(events.size());
        TRY(auto result, gateway.process().record_consents(std::move(events)));
        out.end()
            .key("recorded")
            .integer(count)
            .key("released")
            .integer(static_cast<std::int64_t>(result.enqueued))
            .end();
        return out.take();
    });
}

std::string_view condition_of(int row) {
    static const auto table = consent::decision_table();
    for (const auto& one : table)
        if (one.number == row) return one.condition;
    return {};
}

// What would be answered now for each purpose, and why.
void write_decisions(value::Builder& out, Gateway& gateway, const WholePerson& whole) {
    auto& world = gateway.world();
    auto facts = flow::ConsentFacts::load(world, whole.subjects);
    out.key("decisions").begin_array();
    for (const auto& purpose : world.purposes.all()) {
        flow::Delivery use;
        use.purpose = purpose.key;
        if (purpose.channels.size() == 1) use.channel = purpose.channels.front();
        auto decision = facts.decide(world, use, whole.subjects, {.record = whole.golden.root()});
        out.begin_object().key("purpose").text(purpose.key).key("verdict").text(consent::name_of(decision.verdict));
        out.key("reason").text(decision.reason).key("row").integer(decision.row);
        out.key("because").text(condition_of(decision.row));
        if (decision.future_events > 0)
            out.key("not_due_yet").integer(static_cast<std::int64_t>(decision.future_events));
        out.key("consent_version").text(decision.version).end();
    }
    out.end();
}

run::Task<Answer> show(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto whom, find_person(gateway, arguments));
        TRY(auto whole, whole_person(gateway, whom));
        TRY(auto events, events_of(gateway, whole.subjects));
        TRY(auto suppressions, flow::suppressions_of(gateway.world(), consent::Channel::any, whole.golden.root()));
        value::Builder out;
        const auto entry = flow::audit_entry(gateway.world().clock, caller, "consent.read", {{"rows", "1"}});
        CHECK_OK(flow::write_entry(gateway.world().store, entry));
        out.begin_object().key("events").begin_array();
        for (const auto& event : events) {
            auto body = consent::to_document(event);
            out.copy(body.root());
        }
        out.end();
        write_decisions(out, gateway, whole);
        out.key("suppressed").begin_array();
        for (const auto& one : suppressions)
            out.begin_object().key("since").text(record::timestamp_text(one.at)).key("because").text(one.reason).end();
        return out.end().end().take();
    });
}

// An act of asking back; the link in the answer goes to the address that was given, and nothing else goes there yet.
run::Task<Answer> ask_back(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto whom, find_person(gateway, arguments));
        value::Builder with_state;
        with_state.begin_object().key("state").text("pending_doi");
        for (auto member : arguments)
            if (member.key() != "state") with_state.key(member.key()).copy(member);
        with_state.end();
        auto asked = with_state.take();
        TRY(auto act, act_of(gateway, asked.root(), kByOperator));
        TRY(auto token, gateway.opt_in().ask(act.root(), whom.contact, whom.subject));
        const auto& url = gateway.catalogue().config.gateway.public_url;
        value::Builder out;
        out.begin_object().key("link").text(url + std::string(PublicOptIn::kPath) + "?token=" + token);
        out.key("valid_until").text(record::timestamp_text(gateway.world().clock.now() + flow::kTokenLife)).end();
        return out.take();
    });
}

// Of an event as it is kept.
api::Fields event_fields() {
    using api::field::integer, api::field::object, api::field::one_of, api::field::text, api::field::texts,
        api::field::time, api::field::uid;
    return {uid("event_id"),
            text("schema_version"),
            uid("subject_ref"),
            object("contact_point", {text("kind"), text("hash")}),
            one_of("channel", api::names_to(consent::Channel::any)),
            text("purpose"),
            text("controller"),
            text("brand"),
            one_of("lawful_basis", api::names_to(consent::Basis::pipl_separate_consent)),
            one_of("event_type", api::names_to(consent::EventType::admin)),
            one_of("event_state", api::names_to(consent::State::unknown)),
            one_of("origin", api::names_to(consent::Origin::import)),
            time("event_time"),
            time("received_at"),
            integer("clock_skew_ms"),
            time("valid_from"),
            time("valid_until"),
            texts("jurisdiction"),
            texts("data_categories"),
            texts("recipients"),
            texts("storage_locations"),
            text("storage_period"),
            text("withdrawal_method"),
            object("notice", {text("id"), text("version"), text("lang"), text("sha256")}),
            object("capture", {text("source_system"), text("form_id"), text("page_url"), text("method"),
                               text("ip_prefix"), text("ua_hash")}),
            object("proof", {text("kind"), text("sha256"), text("stored_ref")}),
            object("doi", {time("sent_at"), time("confirmed_at"), text("token_hash")}),
            uid("supersedes"),
            text("gpp"),
            text("reason"),
            text("actor")};
}

}  // namespace

std::vector<NamedOperation> consent_operations() {
    using api::field::integer, api::field::list, api::field::one_of, api::field::text, api::field::time;
    using enum access::Permission;
    const api::Fields person{text("customer"), text("connection"), text("external_id")};
    auto asked = person;
    for (const auto& one : {text("purpose").needed(), text("channel"), text("email")}) asked.push_back(one);
    const api::Fields decision{text("purpose"),        one_of("verdict", api::names_to(consent::Verdict::hold)),
                               text("reason"),         integer("row"),
                               text("because"),        integer("not_due_yet"),
                               text("consent_version")};
    return {
        {"consent.record", consent_write, record_event, event_arguments(), {integer("recorded"), integer("released")}},
        {"consent.import",
         consent_write,
         import,
         {list("events", event_arguments()).needed()},
         {list("refused", {integer("row"), text("cause")}), integer("recorded"), integer("released")}},
        {"consent.show",
         consent_read,
         show,
         person,
         {list("events", event_fields()), list("decisions", decision),
          list("suppressed", {time("since"), text("because")})}},
        {"consent.doi_request", consent_write, ask_back, asked, {text("link"), text("valid_until")}}};
}

}  // namespace tributary::app
