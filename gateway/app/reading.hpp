// Reading: personal values are shown for a purpose that the reader declares (E7): the argument `read_for`, `--purpose`
// on the command line, the header X-Purpose, or the standard of the configuration. The purpose has to be open to the
// reader's role (access.reading), and the decision table has to allow it for the person. A refusal is in the audit
// trail.
#pragma once

#include <span>
#include <string>

#include "gateway/access/caller.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/record/sight.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

struct Reading {
    std::string purpose;
    bool sensitive = false;  // class P3 may be shown too: to this reader, of this person
    // What the reader sees of a record of that person.
    record::Sights sights(const access::Caller& caller) const;
};

// Whose values are asked for. `subjects` belong to one person; nothing more is known where `person` is missing.
struct ReadPerson {
    std::span<const Uid> subjects;
    value::Node person;
    std::string id;  // for the audit trail
};

// bad_input: no purpose is declared, or it is unknown. refused: it is not open to the caller, or not allowed for the
// person. Blocks.
Result<Reading> reading_for(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                            const ReadPerson& of);

}  // namespace tributary::app
