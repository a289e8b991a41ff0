// Report: what a machine says about a mail of ours: a delivery status (RFC 3464) or a complaint of a feedback loop
// (RFC 5965). Pure: the parts come decoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tributary::connectors::mail {

struct ReportRecipient {
    std::string address;     // lower case
    std::string action;      // failed | delayed | delivered | relayed | expanded; empty in a complaint
    std::string status;      // "5.1.1"
    std::string diagnostic;  // what the other server said; may quote the address
    // The address is dead: a permanent failure that is about the address itself, not about policy, size or a full box.
    bool hard = false;
};

struct Report {
    enum class Type { bounce, complaint };
    Type type = Type::bounce;
    std::string feedback_type;  // of a complaint: abuse, fraud, opt-out, not-spam, ...
    std::vector<ReportRecipient> recipients;
    std::string original_message_id;  // without angle brackets; empty when it is not told
};

struct HeaderField {
    std::string name;   // lower case
    std::string value;  // unfolded and trimmed
};
// One group of header fields up to an empty line, which is removed from `rest` with it. Lines that are none are left
// out; at most 200 fields.
std::vector<HeaderField> take_fields(std::string_view& rest);
std::string_view field_of(const std::vector<HeaderField>& fields, std::string_view name);

// The text of a message/delivery-status part. At most 1000 recipients.
Report read_delivery_status(std::string_view part);
// The text of a message/feedback-report part.
Report read_feedback(std::string_view part);
// What the returned headers of the original tell: its Message-ID, and for a complaint that names nobody (the usual
// redaction) whom it was sent to.
void add_original(Report& report, std::string_view headers);

// "<a@b>" and "rfc822; a@b" are "a@b", lower case; empty when there is no address.
std::string plain_address(std::string_view text);
// Whether an enhanced status (RFC 3463) of a failed delivery says that the address is dead.
bool is_hard(std::string_view status);

}  // namespace tributary::connectors::mail
