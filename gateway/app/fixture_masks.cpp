#include "gateway/app/fixture_masks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/plain_path.hpp"

namespace tributary::app {

using value::Node;

namespace {

std::size_t digits_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
}

bool reads_as_phone(std::string_view text) {
    return text.find_first_not_of("+0123456789 ()-./") == text.npos && digits_in(text) >= 6;
}

// 2026-01-05 and all that goes on from there: a day or a moment.
bool reads_as_date(std::string_view text) {
    return text.size() >= 10 && digits_in(text.substr(0, 4)) == 4 && text[4] == '-' &&
           digits_in(text.substr(5, 2)) == 2 && text[7] == '-' && digits_in(text.substr(8, 2)) == 2 &&
           text.find_first_of(" T") != 0 && text.find_first_not_of("0123456789-:.TZ+ ") == text.npos;
}

// Words of a key that stands for somebody.
bool personal_key(std::string_view key) {
    const auto low = lower_ascii(key);
    for (const std::string_view word :
         {"name", "mail",   "phone",   "mobile",  "tel",    "fax",     "street", "address", "city",
          "zip",  "postal", "birth",   "born",    "gender", "iban",    "bic",    "card",    "tax",
          "vat",  "note",   "comment", "subject", "title",  "message", "body",   "text",    "company",
          "user", "nick",   "family",  "given",   "owner",  "login",   "author", "handle"})
        if (low.contains(word)) return true;
    for (const std::string_view word : {"first", "last", "dob"})
        if (low == word) return true;
    return low.ends_with("ip") || low.starts_with("ip_");
}

bool token_key(std::string_view key) {
    const auto low = lower_ascii(key);
    for (const std::string_view word : {"token", "secret", "passw", "passphrase", "api_key", "apikey", "authorization",
                                        "cookie", "session", "signature", "jwt"})
        if (low.contains(word)) return true;
    return low == "pass" || low == "pw" || low == "pwd" || low == "pin" || low == "otp";
}

// Whether a path of `paths` is the end of this one, at a dot.
bool ends_in(const std::set<std::string, std::less<>>& paths, std::string_view path) {
    for (;;) {
        if (paths.contains(path)) return true;
        const auto dot = path.find('.');
        if (dot == path.npos) return false;
        path.remove_prefix(dot + 1);
    }
}

bool phone_key(std::string_view key) {
    const auto low = lower_ascii(key);
    for (const std::string_view word : {"phone", "mobile", "tel", "fax", "sms", "whatsapp"})
        if (low.contains(word)) return true;
    return false;
}

// The same digits where they tell country and network, others behind.
std::string other_digits(std::string_view text, std::size_t number) {
    constexpr std::size_t keep = 5;
    std::string out(text);
    for (auto i = out.size(); i > 0; --i) {
        if (!is_digit(out[i - 1])) continue;
        if (digits_in(std::string_view(out).substr(0, i)) <= keep) break;
        out[i - 1] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return out;
}

}  // namespace

bool reads_technical(std::string_view text) {
    if (text.size() > 80) return false;
    if (text.empty() || reads_as_date(text)) return true;
    if (text.find_first_not_of("0123456789.-") == text.npos) return true;
    // Ids: hex, UUIDs, prefixed numbers such as cus_9s6X or gid://shop/Order/17.
    if (text.find_first_of(" @") == text.npos && digits_in(text) >= 1 && digits_in(text) * 4 >= text.size())
        return true;
    // Codes: paid, in_progress, EUR, DE, de-DE.
    const auto word = [](char c) { return is_lower(c) || c == '_' || c == '-' || c == '/' || c == '.'; };
    if (text.size() <= 32 && std::ranges::all_of(text, word)) return true;
    return text.size() <= 5 && std::ranges::none_of(text, [](char c) { return c == ' ' || c == '@'; }) &&
           std::ranges::count_if(text, [](char c) { return c >= 'A' && c <= 'Z'; }) >= 2;
}

void FixtureMasks::learn(const mapping::Trace& trace, const record::Entity* entity) {
    for (const auto& line : trace.lines()) {
        if (line.source.empty()) continue;
        const auto* field = entity ? entity->fields.at_path(value::without_indexes(line.target)) : nullptr;
        // What the model does not know here (fields of linked records) counts as personal.
        const bool is_clear = field && (field->data_class == record::DataClass::p0_public ||
                                        field->data_class == record::DataClass::p1_internal);
        (is_clear ? clear_ : personal_).insert(value::without_indexes(line.source));
    }
}

std::string FixtureMasks::masked_text(std::string_view text) const {
    std::string out(text);
    for (const auto& [value, as] : secrets_)
        if (!value.empty()) out = replace_all(out, value, as);
    return out;
}

bool FixtureMasks::personal(const std::string& text, std::string_view key, const std::string& path) const {
    if (text.contains('@')) return true;
    if (ends_in(personal_, path)) return true;
    if (ends_in(clear_, path)) return false;
    if (personal_key(key)) return true;
    return !reads_technical(text);
}

std::string FixtureMasks::replaced(const std::string& text, std::string_view key) {
    if (const auto known = known_.find(text); known != known_.end()) return known->second;
    const auto number = ++count_;
    std::string out;
    if (text.contains("://"))
        out = fmt::format("https://example.com/{}", number);
    else if (text.contains('@'))
        out = fmt::format("person{}@example.com", number);
    else if (reads_as_date(text))
        out = "1980-01-01" + text.substr(10);
    else if (reads_as_phone(text) && phone_key(key))
        out = other_digits(text, number);
    else if (text.find_first_not_of("0123456789") == text.npos)
        out = std::to_string(1000 + number);  // a number of its own: keys must stay apart
    else
        out = fmt::format("Name {}", number);
    known_.emplace(text, out);
    return out;
}

void FixtureMasks::write(Node node, std::string_view key, const std::string& path, value::Builder& out) {
    if (node.is(value::Kind::object)) {
        out.begin_object();
        for (const auto member : node) {
            out.key(member.key());
            write(member, member.key(), path + (path.empty() ? "" : ".") + std::string(member.key()), out);
        }
        out.end();
        return;
    }
    if (node.is(value::Kind::array)) {
        out.begin_array();
        for (const auto item : node) write(item, key, path, out);
        out.end();
        return;
    }
    const auto text = node.scalar_text();
    if (node.is(value::Kind::text) && token_key(key) && !text.empty()) {
        saw_token_ = true;
        out.text("fixture-" + lower_ascii(key));
    } else if (const auto known = secrets_.find(text); known != secrets_.end()) {
        out.text(known->second);
    } else if (node.is(value::Kind::text) && !text.empty() && personal(text, key, path)) {
        out.text(replaced(masked_text(text), key));
    } else if (node.is(value::Kind::integer) && (ends_in(personal_, path) || (personal_key(key) && text.size() > 5))) {
        out.number(replaced(text, key));
    } else {
        out.copy(node);
    }
}

value::Document FixtureMasks::masked(Node root) {
    value::Builder out;
    write(root, "", "", out);
    return out.take();
}

}  // namespace tributary::app
