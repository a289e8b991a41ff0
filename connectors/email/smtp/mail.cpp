#include "connectors/email/smtp/mail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/smtp/mime_text.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::smtp {

namespace {

constexpr std::size_t kMaxHeader = 900;  // RFC 5322 allows lines of 998

std::unexpected<Error> bad(std::string what) {
    return fail(Fault::bad_input, std::move(what));
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

Result<void> check_value(std::string_view name, std::string_view value) {
    if (has_control(value)) return bad(fmt::format("{} holds a line break or another control character", name));
    if (value.size() > kMaxHeader) return bad(fmt::format("{} is longer than {} bytes", name, kMaxHeader));
    return {};
}

std::string address_header(const Address& address) {
    return address.name.empty() ? address.mail : fmt::format("{} <{}>", phrase(address.name), address.mail);
}

// "Sun, 22 Nov 2026 03:44:00 +0000"
std::string date_header(Timestamp date) {
    constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(date);
    const std::chrono::year_month_day parts(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(date - day));
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
                       unsigned(parts.day()), kMonths[unsigned(parts.month()) - 1], int(parts.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string part(std::string_view subtype, std::string_view body) {
    return fmt::format(
        "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n", subtype,
        quoted_printable(body));
}

std::string body_of(const Mail& mail) {
    if (mail.html.empty()) return part("plain", mail.text);
    if (mail.text.empty()) return part("html", mail.html);
    // Quoted-printable never holds "=_", so this cannot end a part early.
    const auto boundary = "=_" + mail.message_id.substr(0, mail.message_id.find('@'));
    return fmt::format(
        "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}--{0}\r\n{2}--{0}--\r\n", boundary,
        part("plain", mail.text), part("html", mail.html));
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    Address address;
    text = trim(text);
    if (const auto open = text.rfind('<'); open != text.npos && text.ends_with('>')) {
        address.name = trim(text.substr(0, open));
        if (address.name.size() > 1 && address.name.starts_with('"') && address.name.ends_with('"')) {
            address.name = address.name.substr(1, address.name.size() - 2);
        }
        text = text.substr(open + 1, text.size() - open - 2);
    }
    const auto wrong = [](unsigned char c) {
        return c <= 0x20 || c >= 0x7F || std::string_view("<>()[],;:\\\"").contains(c);
    };
    const auto at = text.find('@');
    if (at == text.npos || at == 0 || at + 1 == text.size() || text.find('@', at + 1) != text.npos ||
        text.size() > 254 || std::ranges::any_of(text, wrong)) {
        return bad("one ASCII mail address such as name@example.com was expected");
    }
    CHECK_OK(check_value("the name of a mail address", address.name));
    address.mail = text;
    return address;
}

Result<std::string> write_mail(const Mail& mail) {
    if (mail.text.empty() && mail.html.empty()) return bad("the mail has no body");
    CHECK_OK(check_value("the subject", mail.subject));
    CHECK_OK(check_value("the unsubscribe URL", mail.unsubscribe));
    CHECK_OK(check_value("the name of a mail address", mail.from.name + mail.to.name + mail.reply_to.name));
    std::string out;
    const auto header = [&](std::string_view name, std::string_view value) {
        out += fmt::format("{}: {}\r\n", name, value);
    };
    header("From", address_header(mail.from));
    header("To", address_header(mail.to));
    if (!mail.reply_to.mail.empty()) header("Reply-To", address_header(mail.reply_to));
    header("Subject", unstructured(mail.subject));
    header("Date", date_header(mail.date));
    header("Message-ID", fmt::format("<{}>", mail.message_id));
    header("Auto-Submitted", "auto-generated");
    if (!mail.unsubscribe.empty()) {
        header("List-Unsubscribe", fmt::format("<{}>", mail.unsubscribe));
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    header("MIME-Version", "1.0");
    return out + body_of(mail);
}

}  // namespace tributary::connectors::smtp
