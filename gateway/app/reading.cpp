#include "gateway/app/reading.hpp"

#include "gateway/access/field_sight.hpp"
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/consent_gate.hpp"

namespace tributary::app {
namespace {

constexpr std::string_view kArgument = "argument read_for (--purpose, X-Purpose)";

Result<void> refuse(Gateway& gateway, const access::Caller& caller, const std::string& purpose, const ReadPerson& of,
                    std::string_view reason) {
    const auto entry = flow::audit_entry(gateway.world().clock, caller, "reading.deny",
                                         {{"person", of.id}, {"purpose", purpose}, {"reason", std::string(reason)}});
    return flow::write_entry(gateway.world().store, entry);
}

}  // namespace

record::Sights Reading::sights(const access::Caller& caller) const {
    auto sights = access::sights_of(caller);
    if (!sensitive) sights.of(record::DataClass::p3_sensitive) = record::Sight::hidden;
    return sights;
}

Result<Reading> reading_for(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                            const ReadPerson& of) {
    auto& world = gateway.world();
    const auto& rules = gateway.catalogue().config.access.reading;
    TRY(auto declared, text_argument(arguments, "read_for"));
    if (!declared && rules.standard) declared = rules.standard->value;
    if (!declared)
        return fail(Fault::bad_input,
                    "personal values are read for a purpose: declare one, or set access.reading.standard; known: " +
                        join(world.purposes.keys(), ", "),
                    std::string(kArgument));
    if (!world.purposes.find(*declared)) {
        const auto near = nearest(*declared, world.purposes.keys());
        return fail(Fault::bad_input, "there is no such purpose" + (near ? "; did you mean " + *near + "?" : ""),
                    std::string(kArgument));
    }
    if (!access::may_read_for(rules.rules(), caller, access::Permission::personal_read, *declared)) {
        CHECK_OK(refuse(gateway, caller, *declared, of, "not open to the reader"));
        return fail(Fault::refused, "personal values may not be read for " + *declared + " by this caller",
                    "access.reading");
    }
    const auto facts = flow::ConsentFacts::load(world, of.subjects);
    const auto ask = [&](bool sensitive) {
        return facts.decide(world, flow::DataUse{*declared}, of.subjects, {of.person, {}, sensitive});
    };
    const auto decision = ask(false);
    if (!decision.allowed()) {
        CHECK_OK(refuse(gateway, caller, *declared, of, decision.reason));
        return fail(decision.verdict == consent::Verdict::hold ? Fault::transient : Fault::refused,
                    "this person's values may not be read for " + *declared + ": " + std::string(decision.reason),
                    "consent");
    }
    const bool sees_sensitive = access::sights_of(caller).of(record::DataClass::p3_sensitive) == record::Sight::shown;
    return Reading{*declared, sees_sensitive && ask(true).allowed()};
}

}  // namespace tributary::app
