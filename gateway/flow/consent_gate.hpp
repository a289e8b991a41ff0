// ConsentGate: gathers what is known about a person and asks the decision table. Asked twice for everything that is
// delivered: when an item is made, and again inside the delivery lease. Asked once where records are kept, put together
// or read. Whatever cannot be read holds.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gateway/consent/decision.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// What a decision is about.
struct Asked {
    value::Node record;       // what would go out: its contact points must not be suppressed
    value::Node person = {};  // the golden view of whom it is about: status, country, age; missing: the record itself
    bool has_sensitive = false;  // what goes out holds class P3
};

// What the data are wanted for.
struct DataUse {
    std::string purpose;
    consent::Channel channel = consent::Channel::any;
    bool processor = true;       // for us, or for somebody who works for us
    std::string recipient = {};  // the connection that gets them
};

// transient: what to say of a decision that holds; `where` names what it was asked for.
std::unexpected<Error> undecided(const consent::Decision& decision, std::string where);

// The consent events of many subjects, read in one go.
class ConsentFacts {
  public:
    // Never fails: what could not be read makes every decision hold. `pending` are events of the batch at hand.
    static ConsentFacts load(World& world, std::span<const Uid> subjects,
                             std::span<const store::ConsentEventRow> pending = {});

    // `subjects` all belong to one person. Empty subjects (a product, a record about nobody) are decided by the purpose
    // alone.
    consent::Decision decide(World& world, const DataUse& use, std::span<const Uid> subjects, const Asked& asked) const;
    consent::Decision decide(World& world, const Delivery& delivery, std::span<const Uid> subjects,
                             const Asked& asked) const;

  private:
    bool readable_ = true;
    std::set<Uid> restricted_;
    std::map<Uid, std::vector<consent::ConsentEvent>> events_;
};

}  // namespace tributary::flow
