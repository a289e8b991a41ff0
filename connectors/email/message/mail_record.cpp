#include "connectors/email/message/mail_record.hpp"

#include <fmt/format.h>

#include "connectors/email/message/reply_text.hpp"

namespace tributary::connectors::mail {

namespace {

std::string rfc3339(Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

// Empty text is no text.
void put(value::Builder& out, std::string_view name, std::string_view text) {
    out.key(name);
    if (text.empty())
        out.null();
    else
        out.text(text);
}

void put(value::Builder& out, std::string_view name, const std::vector<MailAddress>& addresses) {
    out.key(name).begin_array();
    for (const auto& one : addresses) {
        out.begin_object();
        put(out, "name", one.name);
        put(out, "address", one.address);
        out.end();
    }
    out.end();
}

void put_people(value::Builder& out, std::string_view role, const std::vector<MailAddress>& addresses) {
    for (const auto& one : addresses) out.begin_object().key("role").text(role).key("address").text(one.address).end();
}

void put_report(value::Builder& out, const Report& report) {
    out.key("report").begin_object();
    put(out, "type", report.type == Report::Type::bounce ? "bounce" : "complaint");
    put(out, "feedback_type", report.feedback_type);
    put(out, "original_message_id", report.original_message_id);
    out.key("recipients").begin_array();
    for (const auto& one : report.recipients) {
        out.begin_object();
        put(out, "address", one.address);
        put(out, "action", one.action);
        put(out, "status", one.status);
        out.key("hard").boolean(one.hard).end();
    }
    out.end().end();
}

}  // namespace

void write_message(const MailMessage& message, Timestamp received, value::Builder& out) {
    put(out, "message_id", message.message_id);
    put(out, "in_reply_to", message.in_reply_to);
    out.key("references").begin_array();
    for (const auto& id : message.references) out.text(id);
    out.end();
    put(out, "thread", message.thread());
    put(out, "from", message.from);
    put(out, "to", message.to);
    put(out, "cc", message.cc);
    put(out, "reply_to", message.reply_to);
    out.key("people").begin_array();
    put_people(out, "from", message.from);
    put_people(out, "to", message.to);
    put_people(out, "cc", message.cc);
    out.end();
    put(out, "subject", message.subject);
    put(out, "date", rfc3339(message.date.value_or(received)));
    put(out, "text", message.text);
    put(out, "text_reply", reply_text(message.text));
    put(out, "text_from", message.text.empty() ? "" : message.from_html ? "html" : "plain");
    out.key("attachments").begin_array();
    for (const auto& one : message.attachments) {
        out.begin_object();
        put(out, "name", one.name);
        put(out, "type", one.type);
        out.key("size").integer(static_cast<std::int64_t>(one.size));
        put(out, "sha256", one.sha256);
        out.end();
    }
    out.end();
    put(out, "auto_submitted", message.auto_submitted);
    put(out, "precedence", message.precedence);
    put(out, "list_id", message.list_id);
    put(out, "list_unsubscribe", message.list_unsubscribe);
    out.key("one_click").boolean(message.one_click);
    if (message.report) put_report(out, *message.report);
}

}  // namespace tributary::connectors::mail
