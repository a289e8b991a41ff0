#include "gateway/record/email.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

#include "gateway/base/ascii.hpp"
#include "gateway/record/text.hpp"

namespace tributary::record {

namespace {

constexpr std::string_view kEmailInvalid = "email_invalid", kTooLong = "email_too_long", kDomain = "email_domain";

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 5322 atext; RFC 6531 adds everything beyond ASCII.
bool is_atom(char c) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x80) return true;
    if ((u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z')) return true;
    return std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_local(std::string_view local) {
    if (local.empty() || local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
        return false;
    return std::ranges::all_of(local, [](char c) { return is_atom(c) || c == '.'; });
}

// RFC 1123 labels, at least two of them, the last not a number. REQUIRES: lower case ASCII.
bool is_domain(std::string_view domain) {
    std::size_t labels = 0;
    bool numeric = false;
    while (true) {
        const auto dot = domain.find('.');
        const auto label = domain.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        auto plain = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
        if (!std::ranges::all_of(label, plain)) return false;
        numeric = std::ranges::all_of(label, is_digit);
        ++labels;
        if (dot == std::string_view::npos) return labels >= 2 && !numeric;
        domain.remove_prefix(dot + 1);
    }
}

// Lower case and A-labels, appended to `out`. Plain ASCII does not go through the library, A-labels written as such do.
bool append_domain(std::string_view domain, std::string& out) {
    const auto from = out.size();
    if (is_ascii(domain)) {
        for (const char c : domain) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (out.find("xn--", from) == std::string::npos) return is_domain(std::string_view(out).substr(from));
    }
    const std::string unicode(domain);
    char* ascii = nullptr;
    if (idn2_to_ascii_8z(unicode.c_str(), &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK) return false;
    const std::unique_ptr<char, void (*)(void*)> owned(ascii, idn2_free);
    out.resize(from);
    out += ascii;
    return is_domain(std::string_view(out).substr(from));
}

}  // namespace

std::string_view parse_email(std::string_view text, Email& out) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return kEmailInvalid;
    const auto local = text.substr(0, at), domain = text.substr(at + 1);
    if (!is_local(local)) return kEmailInvalid;
    if (local.size() > 64 || domain.size() > 253) return kTooLong;
    out.address.assign(local);
    out.address += '@';
    if (domain.empty() || domain.find('\0') != std::string_view::npos || !append_domain(domain, out.address))
        return kDomain;
    if (out.address.size() > 254) return kTooLong;
    if (is_ascii(local)) {
        out.norm.clear();
        for (const char c : local) out.norm += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else {
        out.norm = fold_key(local);
    }
    out.norm.append(out.address, local.size(), std::string::npos);
    return {};
}

std::expected<Email, std::string_view> parse_email(std::string_view text) {
    Email email;
    if (const auto code = parse_email(text, email); !code.empty()) return std::unexpected(code);
    return email;
}

}  // namespace tributary::record
