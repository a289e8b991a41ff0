// SmtpReply: the codes of a server's answer, and what they mean for the engine. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/error.hpp"

namespace tributary::connectors::smtp {

struct SmtpReply {
    int code = 0;          // 250; 0: none yet
    std::string enhanced;  // "5.1.1" (RFC 3463), may be empty
};

// The last line of a reply: "250 ok", "550 5.1.1 ..."; nullopt for a line with more behind it ("250-...") or none at
// all.
std::optional<SmtpReply> parse_reply(std::string_view line);

// nullopt: not a refusal. The error names the codes alone.
std::optional<Error> error_of(const SmtpReply& reply);

}  // namespace tributary::connectors::smtp
