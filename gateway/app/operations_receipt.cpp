// The consent receipt of a person, signed with the key that signs the audit trail.
#include "gateway/app/arguments.hpp"
#include "gateway/app/consent_person.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/consent/receipt.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

constexpr std::size_t kLongestReceipt = 60 << 10;  // a signed note holds 64 KB

run::Task<Answer> receipt(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(auto whom, find_person(gateway, arguments));
        TRY(auto wanted, uid_argument(arguments, "event"));
        TRY(auto whole, whole_person(gateway, whom));
        TRY(auto events, events_of(gateway, whole.subjects));
        if (wanted) std::erase_if(events, [&](const consent::ConsentEvent& event) { return event.id != *wanted; });
        if (events.empty()) return fail(Fault::not_found, "there is no such consent event of this person");
        auto document = consent::receipt_of(world.purposes, events, gateway.audit().key().name(), world.clock.now());
        auto json = value::to_json(document.root());
        if (json.size() > kLongestReceipt)
            return fail(Fault::bad_input, "there are too many events for one receipt: name one of them",
                        "argument event");
        auto entry =
            flow::audit_entry(world.clock, caller, "consent.receipt", {{"records", std::to_string(events.size())}});
        CHECK_OK(flow::write_entry(world.store, entry));
        value::Builder out;
        out.begin_object().key("receipt").copy(document.root());
        out.key("note").text(gateway.audit().sign(json + "\n")).key("key").text(gateway.audit().key().text()).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> receipt_operations() {
    using api::field::list, api::field::object, api::field::text, api::field::texts, api::field::time, api::field::uid;
    const api::Fields process{
        text("purpose"),
        text("dpv:hasPurpose"),
        text("title"),
        text("description"),
        text("lawful_basis"),
        text("channel"),
        text("service"),
        texts("pii_information"),
        texts("recipient_third_parties"),
        texts("storage_locations"),
        text("retention_period"),
        texts("jurisdiction"),
        text("withdrawal_method"),
        text("pii_controllers"),
        object("privacy_notice", {text("id"), text("version"), text("language"), text("sha256")})};
    const api::Fields event{text("event_state"),       text("event_type"),
                            text("entity_id"),         time("event_time"),
                            time("valid_from"),        time("valid_until"),
                            text("collection_method"), text("proof"),
                            text("proof_sha256"),      time("double_opt_in_confirmed_at"),
                            uid("supersedes"),         text("reason")};
    const api::Fields record{text("@type"), uid("record_id"), uid("pii_principal_id"),
                             object("dpv:hasProcess", process), object("event", event)};
    const api::Fields receipt_fields{object("@context", {text("dpv")}),
                                     text("@type"),
                                     text("schema_version"),
                                     text("issuer"),
                                     time("issued_at"),
                                     list("records", record)};
    return {{"consent.receipt",
             access::Permission::consent_read,
             receipt,
             {text("customer"), text("connection"), text("external_id"), text("event")},
             {object("receipt", receipt_fields), text("note"), text("key")}}};
}

}  // namespace tributary::app
