#include "connectors/email/smtp/smtp_reply.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"

namespace tributary::connectors::smtp {

namespace {

bool is_enhanced(std::string_view word) {
    const auto parts = split(word, '.');
    if (parts.size() != 3) return false;
    for (const auto part : parts) {
        if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != part.npos) return false;
    }
    return true;
}

Fault fault_of(const SmtpReply& reply) {
    if (reply.code < 500) return Fault::transient;
    if (reply.code == 530 || reply.code == 534 || reply.code == 535 || reply.code == 538) return Fault::unauthorized;
    if (reply.code <= 504) return Fault::bad_config;  // the server does not know the command: not one of ours
    if (reply.enhanced.starts_with("5.7.")) return Fault::refused;
    return Fault::bad_input;
}

}  // namespace

std::optional<SmtpReply> parse_reply(std::string_view line) {
    line = trim(line);
    const auto code = to_integer(line.substr(0, 3));
    if (!code || *code < 200 || *code > 599 || (line.size() > 3 && line[3] != ' ')) return std::nullopt;
    SmtpReply reply{static_cast<int>(*code), {}};
    const auto word = line.size() > 4 ? line.substr(4, line.find(' ', 4) - 4) : std::string_view();
    if (is_enhanced(word)) reply.enhanced = word;
    return reply;
}

std::optional<Error> error_of(const SmtpReply& reply) {
    if (reply.code < 400) return std::nullopt;
    const auto codes =
        reply.enhanced.empty() ? std::to_string(reply.code) : fmt::format("{} {}", reply.code, reply.enhanced);
    return Error{fault_of(reply), fmt::format("the mail server answered {}", codes)};
}

}  // namespace tributary::connectors::smtp
