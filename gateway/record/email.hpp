// E-mail addresses: RFC 5321 lengths, domains to IDNA2008 A-labels, quoted local parts refused.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace tributary::record {

struct Email {
    std::string address;  // the local part as written, the domain in lower case and A-labels
    std::string norm;     // the same with the local part case-folded: what is compared
};

// Takes a bare address; "Name <a@b>" is an issue. Issue codes: email_invalid, email_too_long, email_domain.
std::expected<Email, std::string_view> parse_email(std::string_view text);
// Into buffers that keep their capacity; empty on success, else the code.
std::string_view parse_email(std::string_view text, Email& out);

}  // namespace tributary::record
