#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/suppression.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

struct Whom {
    Uid contact, subject;
};

// A person, by what one of the connections calls them or by our own customer id.
Result<Whom> find_person(Gateway& gateway, value::Node arguments) {
    auto& world = gateway.world();
    TRY(auto customer, uid_argument(arguments, "customer"));
    if (customer) {
        TRY(auto whole, flow::load_customer(world, *customer));
        return Whom{*customer, whole.subject};  // a customer's uid is that of its first record
    }
    TRY(auto connection, needed_text(arguments, "connection"));
    TRY(auto external_id, needed_text(arguments, "external_id"));
    const auto* known = world.connection(connection);
    if (!known) return fail(Fault::bad_input, "there is no connection of this name", "argument connection");
    std::string stream = "contact";
    for (const auto& [name, one] : known->streams)
        if (one.plan->to() == "contact") stream = name;
    return Whom{flow::record_uid(world.blind, {connection, stream, external_id}),
                world.blind.subject_of(connection, "contact", external_id)};
}

Result<flow::PreparedConsent> event_of(Gateway& gateway, value::Node arguments) {
    auto& world = gateway.world();
    TRY(auto whom, find_person(gateway, arguments));
    TRY(auto purpose, needed_text(arguments, "purpose"));
    TRY(auto state, needed_text(arguments, "state"));
    if (!world.purposes.covers(purpose))
        return fail(Fault::bad_input, "is not in the purposes file", "argument purpose");
    auto now = record::timestamp_text(world.clock.now());
    value::Builder event;
    event.begin_object();
    auto put = [&](std::string_view name, std::string_view fallback) -> Result<void> {
        TRY(auto text, text_argument(arguments, name));
        if (text || !fallback.empty()) event.key(name).text(text.value_or(std::string(fallback)));
        return {};
    };
    event.key("purpose").text(purpose).key("event_state").text(state);
    CHECK_OK(put("channel", "any"));
    CHECK_OK(put("event_type", "admin"));
    CHECK_OK(put("origin", "agent_on_behalf"));
    CHECK_OK(put("event_time", now));
    CHECK_OK(put("valid_until", ""));
    CHECK_OK(put("reason", ""));
    TRY(auto proof, text_argument(arguments, "proof"));
    if (proof) event.key("proof").begin_object().key("kind").text(*proof).end();
    TRY(auto confirmed, time_argument(arguments, "doi_confirmed_at"));
    if (confirmed) event.key("doi").begin_object().key("confirmed_at").text(record::timestamp_text(*confirmed)).end();
    event.end();
    auto document = event.take();
    return flow::prepare_consent(world, document.root(), whom.contact, whom.subject, world.clock.now());
}

run::Task<Answer> record_event(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto event, event_of(gateway, arguments));
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
            auto event = event_of(gateway, one);
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

// Of the whole customer that the record belongs to; nothing where there is no such record (yet).
Result<std::vector<store::Suppression>> suppressions_of(flow::World& world, const Uid& contact) {
    std::optional<store::Link> link;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto links, session.identity().links_of(std::span(&contact, 1)));
        link = links.front();
        return {};
    }));
    if (!link) return {};
    TRY(auto customer, flow::load_customer(world, link->customer));
    return flow::suppressions_of(world, consent::Channel::any, customer.golden.root());
}

run::Task<Answer> show(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto whom, find_person(gateway, arguments));
        TRY(auto suppressions, suppressions_of(gateway.world(), whom.contact));
        value::Builder out;
        const auto entry = flow::audit_entry(gateway.world().clock, caller, "consent.read", {{"rows", "1"}});
        CHECK_OK(gateway.world().store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            TRY(auto rows, session.consent_events().of(std::span(&whom.subject, 1)));
            out.begin_object().key("events").begin_array();
            for (const auto& row : rows.front()) {
                TRY(auto body, value::parse_json(row.body));
                out.copy(body.root());
            }
            out.end();
            return {};
        }));
        out.key("suppressed").begin_array();
        for (const auto& one : suppressions)
            out.begin_object().key("since").text(record::timestamp_text(one.at)).key("because").text(one.reason).end();
        return out.end().end().take();
    });
}

}  // namespace

std::vector<NamedOperation> consent_operations() {
    using api::field::integer, api::field::list, api::field::text;
    using enum access::Permission;
    const std::vector<api::FieldInfo> person{text("customer"), text("connection"), text("external_id")};
    auto event = person;
    for (const auto& one :
         {text("purpose").needed(), text("state").needed(), text("channel"), text("event_type"), text("origin"),
          text("event_time"), text("valid_until"), text("reason"), text("proof"), text("doi_confirmed_at")})
        event.push_back(one);
    return {{"consent.record", consent_write, record_event, event, {integer("recorded"), integer("released")}},
            {"consent.import",
             consent_write,
             import,
             {list("events").needed()},
             {list("refused"), integer("recorded"), integer("released")}},
            {"consent.show", consent_read, show, person, {list("events"), list("suppressed")}}};
}

}  // namespace tributary::app
