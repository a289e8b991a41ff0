#include "connectors/email/imap/mail_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/email/imap/mailbox.hpp"
#include "connectors/email/message/charset.hpp"
#include "connectors/email/message/mail_record.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::imap {

namespace {

// Up to the empty line; all when there is none.
std::string_view headers_of(std::string_view bytes) {
    const auto crlf = bytes.find("\r\n\r\n"), lf = bytes.find("\n\n");
    return bytes.substr(0, std::min(crlf, lf));
}

std::string domain_of(std::string_view id) {
    const auto at = id.rfind('@');
    return at == id.npos ? std::string() : lower_ascii(id.substr(at + 1));
}

std::int64_t seconds_of(Timestamp at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

// Who wrote to us, or to whom we wrote. A list, a newsletter or an automatic answer is no person's word.
void put_other_side(value::Builder& out, const mail::MailMessage& message, bool outbound) {
    const auto& sides = outbound ? message.to : message.from;
    const bool automatic = !message.auto_submitted.empty() || !message.precedence.empty() || !message.list_id.empty();
    out.key("other_side");
    if (sides.empty() || message.report || (automatic && !outbound)) {
        out.null();
        return;
    }
    out.begin_object().key("address").text(lower_ascii(sides.front().address));
    out.key("name").text(sides.front().name).end();
}

}  // namespace

MailRecords::MailRecords(const ImapSettings& settings, const Stream& stream, Timestamp now)
    : settings_(settings), stream_(stream), now_(now) {
    limits_.charset = settings.charset;
}

connector::Page MailRecords::take() {
    uids_.clear();
    return std::exchange(page_, {});
}

void MailRecords::broken(Uid uid, Error error) {
    page_.broken.push_back({fmt::format("{} uid {}", stream_.folder, uid), "", std::move(error)});
}

void MailRecords::drop(const std::vector<Uid>& uids) {
    for (auto i = uids_.size(); i-- > 0;) {
        if (!std::ranges::binary_search(uids, uids_[i])) continue;
        uids_.erase(uids_.begin() + static_cast<std::ptrdiff_t>(i));
        page_.records.erase(page_.records.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void MailRecords::add(const Fetched& fetched) {
    if (!fetched.bytes) return broken(fetched.uid, {Fault::bad_input, "the mail server gave no bytes of this message"});
    const bool cut = fetched.size > fetched.bytes->size() && fetched.bytes->size() >= stream_.max_message;
    const auto message = mail::read_message(*fetched.bytes, limits_, cut);
    const auto received = internal_date(fetched.internal_date).value_or(now_);
    if (stream_.reports()) return add_report(fetched, message, received);
    if (stream_.take == Stream::Take::senders) return add_sender(fetched, message, received);
    add_message(fetched, message, received);
}

void MailRecords::add_message(const Fetched& fetched, const mail::MailMessage& message, Timestamp received) {
    const auto id = to_hex(crypto::sha256(headers_of(*fetched.bytes)).view().substr(0, 16));
    value::Builder out;
    out.begin_object().key("id").text(id);
    mail::write_message(message, received, out);
    put_other_side(out, message, stream_.outbound);
    out.key("direction").text(stream_.outbound ? "outbound" : "inbound");
    out.key("folder").text(stream_.folder);
    out.key("uid").integer(fetched.uid);
    out.key("size").integer(static_cast<std::int64_t>(fetched.size));
    out.key("flags").begin_array();
    bool draft = false;
    for (const auto& flag : fetched.flags) {
        draft |= equal_ignoring_case(flag, "\\Draft");
        out.text(mail::clean_line(flag, 100));
    }
    out.end().key("draft").boolean(draft).key("truncated").boolean(fetched.size > fetched.bytes->size());
    page_.records.push_back({id, value::to_json(out.end().take().root())});
    uids_.push_back(fetched.uid);
}

void MailRecords::add_sender(const Fetched& fetched, const mail::MailMessage& message, Timestamp received) {
    if (message.from.empty()) return broken(fetched.uid, {Fault::bad_input, "the message names no sender"});
    const auto address = lower_ascii(message.from.front().address);
    value::Builder out;
    out.begin_object().key("address").text(address);
    out.key("subject").text(message.subject);
    out.key("auto_submitted").text(message.auto_submitted);
    out.key("reported_at").integer(seconds_of(received));
    page_.records.push_back({address, value::to_json(out.end().take().root())});
    uids_.push_back(fetched.uid);
}

void MailRecords::add_report(const Fetched& fetched, const mail::MailMessage& message, Timestamp received) {
    const auto wanted =
        stream_.take == Stream::Take::bounces ? mail::Report::Type::bounce : mail::Report::Type::complaint;
    const auto& report = message.report;
    if (!report || report->type != wanted || report->recipients.empty()) {
        return broken(fetched.uid, {Fault::bad_input, "the message is a report but names no address that can be read"});
    }
    for (const auto& one : report->recipients) {
        const auto address = mail::clean_line(one.address, 320);
        value::Builder out;
        out.begin_object().key("address").text(address);
        out.key("action").text(mail::clean_line(one.action, 40));
        out.key("status").text(mail::clean_line(one.status, 40));
        out.key("hard").boolean(one.hard);
        out.key("feedback_type").text(mail::clean_line(report->feedback_type, 40));
        out.key("original_message_id").text(mail::clean_line(report->original_message_id, 500));
        // Anybody can write a report. Only one about a mail that we sent quotes an id of ours.
        const auto domain = domain_of(report->original_message_id);
        out.key("ours");
        if (settings_.own_domains.empty())
            out.null();
        else
            out.boolean(std::ranges::find(settings_.own_domains, domain) != settings_.own_domains.end());
        // When the report came: dates inside it are the reporter's word.
        out.key("reported_at").integer(seconds_of(received));
        page_.records.push_back({address, value::to_json(out.end().take().root())});
        uids_.push_back(fetched.uid);
    }
}

}  // namespace tributary::connectors::imap
