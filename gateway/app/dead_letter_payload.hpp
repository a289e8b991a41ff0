// The payload of a dead letter, for those who may see personal values and say what for; masked for others.
#pragma once

#include "gateway/access/caller.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/dead_letters.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

// What a person may not see is masked: all of it, for a payload is in the words of another system. Seeing it is
// audited.
Result<void> write_payload(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                           const store::DeadLetter& letter, value::Builder& out);

}  // namespace tributary::app
