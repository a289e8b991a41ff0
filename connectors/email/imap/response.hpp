// Response: what an IMAP server says (RFC 3501, RFC 9051), cut into values. Pure.
//
//   * 12 FETCH (UID 40 FLAGS (\Seen) BODY[]<0> {5}<CR><LF>Hello)     untagged, values: 12, FETCH, (...)
//   * OK [UIDNEXT 41] Predicted next UID                             untagged, status OK, code: UIDNEXT, 41
//   a7 NO [AUTHENTICATIONFAILED] wrong                               tagged a7, status NO
//   + idling                                                         go_on
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"

namespace tributary::connectors::imap {

struct Value {
    enum class Kind : std::uint8_t { nil, atom, text, list };
    Kind kind = Kind::nil;
    std::string text;  // of an atom (as sent, "\Seen", "BODY[]<0>") or of a quoted string or literal
    std::vector<Value> items;

    bool is(std::string_view word) const;  // an atom, case ignored
    std::optional<std::uint64_t> number() const;
};

struct Response {
    enum class Kind : std::uint8_t { untagged, tagged, go_on };
    enum class Status : std::uint8_t { none, ok, no, bad, bye, preauth };
    Kind kind = Kind::untagged;
    Status status = Status::none;
    std::string tag;
    std::vector<Value> code;    // of a status: what stands in brackets
    std::string text;           // of a status or go_on: for people, and as the server wishes: never logged
    std::vector<Value> values;  // of all others
};

// REQUIRES: `bytes` is one whole response, as ResponseReader cuts them, with its last CRLF or without.
// bad_input when it is none, or nests deeper than 32 lists.
Result<Response> parse_response(std::string_view bytes);

// The size of the literal that a line announces at its end ("{12}", "{12+}", "~{12}"); nullopt: none. Statuses hold
// text for people, which may end as it likes.
std::optional<std::uint64_t> announced_literal(std::string_view line);
// Whether a first line is a status, tagged or not, or a continuation: its text runs to the line's end.
bool is_text_line(std::string_view line);

// The value after the word of that name in a list such as FETCH's; nullptr: absent. A name that ends in "[" stands for
// every section ("BODY[").
const Value* find_item(const std::vector<Value>& items, std::string_view name);

}  // namespace tributary::connectors::imap
