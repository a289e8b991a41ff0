#include "connectors/email/message/mail_report.hpp"

#include <algorithm>

#include "connectors/email/message/charset.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::mail {

namespace {

constexpr std::size_t kFields = 200;
constexpr std::size_t kRecipients = 1000;
constexpr std::size_t kValue = 2000;

std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string bare_id(std::string_view text) {
    text = trim(text);
    if (const auto open = text.find('<'); open != text.npos) {
        text.remove_prefix(open + 1);
        text = text.substr(0, text.find('>'));
    }
    return clean_line(text, 500);
}

// "5.1.1 (bad destination)" is "5.1.1".
std::string status_code(std::string_view text) {
    text = trim(text);
    return std::string(text.substr(0, text.find_first_not_of("0123456789.")));
}

// The enhanced code inside "smtp; 550 5.1.1 ...", for reports whose Status says only 5.0.0.
std::string status_in(std::string_view diagnostic) {
    for (const auto word : split(diagnostic, ' ')) {
        const auto code = status_code(word);
        if (code == word && code.size() >= 5 && std::ranges::count(code, '.') == 2) return code;
    }
    return {};
}

void add_recipient(Report& report, const std::vector<HeaderField>& fields) {
    auto address = plain_address(field_of(fields, "original-recipient"));
    // What the sender wrote counts; the final one may be an alias behind it.
    if (address.empty()) address = plain_address(field_of(fields, "final-recipient"));
    if (address.empty() || report.recipients.size() == kRecipients) return;
    ReportRecipient one;
    one.address = std::move(address);
    one.action = lower_ascii(trim(field_of(fields, "action")));
    one.status = status_code(field_of(fields, "status"));
    one.diagnostic = field_of(fields, "diagnostic-code");
    const auto told = status_in(one.diagnostic);
    const bool vague = one.status.empty() || one.status == "5.0.0";
    if (vague && told.starts_with("5.")) one.status = told;
    one.hard = one.action == "failed" && is_hard(one.status);
    report.recipients.push_back(std::move(one));
}

}  // namespace

std::vector<HeaderField> take_fields(std::string_view& rest) {
    std::vector<HeaderField> fields;
    bool known = false;  // a continuation belongs to the field before it
    while (!rest.empty()) {
        const auto line = take_line(rest);
        if (trim(line).empty()) break;
        if (line[0] == ' ' || line[0] == '\t') {
            if (known && fields.back().value.size() < kValue) fields.back().value += ' ' + std::string(trim(line));
            continue;
        }
        const auto colon = line.find(':');
        known = colon != line.npos && colon > 0 && fields.size() < kFields;
        if (known)
            fields.push_back({lower_ascii(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
    }
    // A foreign server may send any byte; what leaves here is valid UTF-8.
    for (auto& field : fields) field.value = clean_line(field.value, kValue);
    return fields;
}

std::string_view field_of(const std::vector<HeaderField>& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &HeaderField::name);
    return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

std::string plain_address(std::string_view text) {
    if (const auto type = text.find(';'); type != text.npos) text.remove_prefix(type + 1);
    if (const auto open = text.rfind('<'); open != text.npos) {
        text.remove_prefix(open + 1);
        text = text.substr(0, text.find('>'));
    }
    text = trim(text);
    const auto at = text.rfind('@');
    if (at == text.npos || at == 0 || at + 1 == text.size() || text.size() > 320 ||
        text.find_first_of(" \t,") != text.npos)
        return {};
    return lower_ascii(clean_line(text, 320));
}

bool is_hard(std::string_view status) {
    if (!status.starts_with("5.")) return false;
    const auto rest = status.substr(2);
    // 5.2.z: the mailbox is there (full, too large a mail) but for 5.2.1, which is disabled; 5.3 to 5.7 speak of the
    // system, the network, the protocol, the content and policy; 5.4.1 and 5.4.4: nobody takes mail for the domain.
    return rest == "0.0" || rest.starts_with("1.") || rest == "2.1" || rest == "4.1" || rest == "4.4";
}

Report read_delivery_status(std::string_view part) {
    Report report;
    // The first group is about the message, but a careless server leaves it out.
    while (!part.empty()) add_recipient(report, take_fields(part));
    return report;
}

Report read_feedback(std::string_view part) {
    Report report;
    report.type = Report::Type::complaint;
    std::string_view rest = part;
    const auto fields = take_fields(rest);
    report.feedback_type = lower_ascii(trim(field_of(fields, "feedback-type")));
    for (const auto& field : fields) {
        if (field.name != "original-rcpt-to" || report.recipients.size() == kRecipients) continue;
        if (auto address = plain_address(field.value); !address.empty()) {
            report.recipients.emplace_back().address = std::move(address);
        }
    }
    return report;
}

void add_original(Report& report, std::string_view headers) {
    const auto fields = take_fields(headers);
    if (report.original_message_id.empty()) report.original_message_id = bare_id(field_of(fields, "message-id"));
    if (report.type != Report::Type::complaint || !report.recipients.empty()) return;
    if (auto to = plain_address(field_of(fields, "to")); !to.empty()) {
        report.recipients.emplace_back().address = std::move(to);
    }
}

}  // namespace tributary::connectors::mail
