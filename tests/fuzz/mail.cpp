// Whatever a record holds, a mail that is written has the headers that were meant and no other, short lines, CRLF
// alone, and no line that ends the message.
#include "connectors/email/smtp/mail.hpp"

#include <cstdlib>
#include <tuple>

#include "connectors/email/smtp/smtp_reply.hpp"
#include "gateway/base/html.hpp"
#include "gateway/value/utf8.hpp"

using namespace tributary::connectors::smtp;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    std::ignore = parse_reply(input);
    if (!tributary::value::valid_utf8(input)) return 0;  // records are UTF-8
    const auto half = input.substr(0, std::min(input.size(), input.find('\n')));
    const auto to = parse_address(half);
    Mail mail{.from = {"Acme", "a@example.com"},
              .to = to.value_or(Address{std::string(half), "b@example.com"}),
              .subject = std::string(half),
              .text = std::string(input),
              .html = tributary::html_escaped(input),
              .message_id = "1@example.com"};
    const auto bytes = write_mail(mail);
    if (!bytes) return 0;
    std::size_t headers = 0, line_start = 0;
    bool in_header = true;
    for (std::size_t i = 0; i < bytes->size(); ++i) {
        if ((*bytes)[i] == '\r' && (i + 1 == bytes->size() || (*bytes)[i + 1] != '\n')) std::abort();
        if ((*bytes)[i] != '\n') continue;
        if (i == 0 || (*bytes)[i - 1] != '\r' || i - line_start > 998) std::abort();
        const auto line = std::string_view(*bytes).substr(line_start, i - 1 - line_start);
        if (line.starts_with('.')) std::abort();
        if (line.empty()) in_header = false;
        if (in_header && !line.starts_with(' ')) ++headers;
        line_start = i + 1;
    }
    if (headers != 8) std::abort();  // From To Subject Date Message-ID Auto-Submitted MIME-Version Content-Type
    return 0;
}
