// MailMessage: a mail as people mean it, read from the bytes that an MTA left behind (RFC 5322, MIME), through GMime.
//
// Whatever the bytes are, the result is text in UTF-8 without control characters besides tab and line feed: broken
// headers, unknown charsets and cut parts give what could be read. Bounded: parts, addresses and text beyond the limits
// below are left out. Threads: read_message() may run on several at once.
//
// It lives here and not in value: the digests of attachments need crypto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/message/mail_report.hpp"
#include "gateway/base/clock.hpp"

namespace tributary::connectors::mail {

struct MailLimits {
    std::size_t parts = 500;
    std::size_t addresses = 500;           // of each header
    std::size_t references = 100;          // the newest ones
    std::size_t header = 2000;             // bytes of one value
    std::size_t text = 256UL << 10;        // bytes of the body's text
    std::string charset = "windows-1252";  // of 8-bit text that names none and is no UTF-8
};

struct MailAddress {
    std::string name;     // may be empty
    std::string address;  // as written; domains keep their form
};

struct Attachment {
    std::string name;        // may be empty
    std::string type;        // "application/pdf"
    std::uint64_t size = 0;  // decoded
    std::string sha256;      // of the decoded bytes, hex; empty when the message is cut
};

struct MailMessage {
    std::string message_id, in_reply_to;  // without angle brackets
    std::vector<std::string> references;  // the oldest first
    std::vector<MailAddress> from, to, cc, reply_to;
    std::string subject;
    std::optional<Timestamp> date;
    std::string text;        // the plain part, or the HTML one turned into text
    bool from_html = false;  // the text was made from HTML
    std::vector<Attachment> attachments;
    std::string auto_submitted;  // lower case: "auto-generated", "auto-replied"; empty: not said, or "no"
    std::string precedence;      // lower case: "bulk", "list", "junk"
    std::string list_id, list_unsubscribe;
    bool one_click = false;  // List-Unsubscribe-Post stands beside it (RFC 8058)
    std::optional<Report> report;

    // The first message of the conversation: the oldest reference, else what it answers, else itself.
    std::string thread() const;
};

// `cut`: the bytes end before the message does.
MailMessage read_message(std::string_view bytes, const MailLimits& limits = {}, bool cut = false);

}  // namespace tributary::connectors::mail
