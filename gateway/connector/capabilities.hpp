// Capabilities: what a system can be told about one person, and by which of its actions: that they unsubscribed, what
// they agreed to, that they are to be forgotten. What is not declared is done by hand; nothing is guessed from the name
// of an action.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gateway/connector/connector.hpp"
#include "gateway/spec/object.hpp"

namespace tributary::connector {

// What the gateway knows to fill into a field of the action's record.
enum class PersonFact {
    email,     // an address of the person, in normalised form: one push for each
    phone,     // a number in E.164: one push for each
    purpose,   // the purpose that ended
    state,     // withdrawn
    customer,  // our own id of the customer
};

struct Capability {
    std::string action;
    bool remove = false;  // the action's own deletion, by remote id
    std::map<std::string, PersonFact> record;
    std::string channel = "any";  // unsubscribe: what it ends; a withdrawal for another channel is not told by it

    // Whether one of the fields of its record is such a fact.
    bool takes(PersonFact fact) const;
};
const spec::Type<Capability>& describe(spec::Tag<Capability>);

struct Capabilities {
    std::optional<Capability> unsubscribe;  // no more marketing over a channel
    std::optional<Capability> set_consent;  // takes the purpose and its state
    std::optional<Capability> remove;       // `delete`: the person is gone over there
    std::optional<Capability> redact;       // what names the person is gone, the rest stays
    std::optional<Capability> export_data;  // `export`
};
const spec::Type<Capabilities>& describe(spec::Tag<Capabilities>);

// A connector that declares some.
class Capable {
  public:
    virtual ~Capable() = default;
    virtual const Capabilities& capabilities() const = 0;
};

// nullptr: nothing is declared.
const Capabilities* capabilities_of(const Connector& connector);

}  // namespace tributary::connector
