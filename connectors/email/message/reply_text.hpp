// What somebody wrote, without what a mail program quoted below or above it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tributary::connectors::mail {

// Lines that begin with ">" go, and all from the line that introduces the quoted mail ("On ... wrote:", "Am ... schrieb
// ...:", "-----Original Message-----", a block of From/Sent/To/Subject) or the signature mark "-- " on. When nothing
// would be left the whole text is given back: better too much than nothing.
std::string reply_text(std::string_view text);

}  // namespace tributary::connectors::mail
