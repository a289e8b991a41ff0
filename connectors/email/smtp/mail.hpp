// Mail: a message as the bytes that go over the wire (RFC 5322, MIME). Pure, and the same for the same input.
//
// Nothing that a record holds can become a header of its own: control characters in header values are refused. Text
// beyond ASCII goes as encoded words in headers (RFC 2047) and as quoted-printable UTF-8 in bodies. Lines end in CRLF
// and are short; no body line begins with a dot.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::connectors::smtp {

struct Address {
    std::string name;  // may be empty
    std::string mail;  // local@domain, ASCII
};

// "Acme Shop <shop@acme.example>" or "shop@acme.example". bad_input when it is no single address, holds control
// characters or is not ASCII beside the name (an international domain goes in its xn-- form).
Result<Address> parse_address(std::string_view text);

struct Mail {
    Address from, to, reply_to;  // reply_to.mail may be empty
    std::string subject;
    std::string text;  // one of the two bodies at least
    std::string html;
    std::string message_id;   // without angle brackets
    std::string unsubscribe;  // an https URL; empty: no List-Unsubscribe (RFC 8058)
    Timestamp date;
};

// bad_input: a control character in a header value, a header too long, no body.
Result<std::string> write_mail(const Mail& mail);

}  // namespace tributary::connectors::smtp
