#include "gateway/net/http_reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/base/text.hpp"

namespace tributary::net {

namespace {

bool is_ours(std::string_view name) {
    static constexpr std::array<std::string_view, 4> kOurs{"content-length", "transfer-encoding", "connection", "date"};
    return std::any_of(kOurs.begin(), kOurs.end(), [&](auto ours) { return equal_ignoring_case(name, ours); });
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

}  // namespace

bool write_reply(const HttpResponse& response, const ReplyForm& form, std::string& out) {
    for (const auto& [name, value] : response.headers)
        if (!valid_header_name(name) || !valid_header_value(value)) return false;
    bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\nDate: ").append(form.date).append("\r\n");
    for (const auto& [name, value] : response.headers)
        if (!is_ours(name)) out.append(name).append(": ").append(value).append("\r\n");
    if (!bodiless) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    out.append(form.close ? "Connection: close\r\n\r\n" : "\r\n");
    if (!bodiless && !form.head_request) out.append(response.body);
    return true;
}

}  // namespace tributary::net
