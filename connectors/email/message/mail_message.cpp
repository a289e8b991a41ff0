#include "connectors/email/message/mail_message.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "connectors/email/message/charset.hpp"
#include "connectors/email/message/html_text.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connectors::mail {

namespace {

template <auto F>
struct Free {
    template <class T>
    void operator()(T* pointer) const {
        F(pointer);
    }
};
template <class T>
using Object = std::unique_ptr<T, Free<g_object_unref>>;
using Options = std::unique_ptr<GMimeParserOptions, Free<g_mime_parser_options_free>>;
using Text = std::unique_ptr<char, Free<g_free>>;

std::string_view view(const char* text) {
    return text ? std::string_view(text) : std::string_view();
}

Options make_options(const MailLimits& limits) {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
    Options options(g_mime_parser_options_new());
    const char* charsets[] = {"utf-8", limits.charset.c_str(), nullptr};
    g_mime_parser_options_set_fallback_charsets(options.get(), charsets);
    return options;
}

std::string content_of(GMimePart* part) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    if (!content) return {};
    const Object<GMimeStream> out(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(content, out.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
    return bytes->data ? std::string(reinterpret_cast<const char*>(bytes->data), bytes->len) : std::string();
}

std::string type_of(GMimeObject* object) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    if (!type) return "application/octet-stream";
    const Text text(g_mime_content_type_get_mime_type(type));
    return lower_ascii(clean_line(view(text.get()), 127));
}

std::string parameter_of(GMimeObject* object, const char* name) {
    return std::string(view(g_mime_object_get_content_type_parameter(object, name)));
}

// Reads one message: what its headers say, then its parts from the outside in.
class Reading {
  public:
    Reading(const MailLimits& limits, GMimeParserOptions* options, bool cut, MailMessage& out)
        : limits_(limits), options_(options), cut_(cut), out_(out) {}

    void headers(GMimeMessage* message) {
        out_.message_id = line(g_mime_message_get_message_id(message));
        out_.subject = line(g_mime_message_get_subject(message));
        addresses(message, GMIME_ADDRESS_TYPE_FROM, out_.from);
        addresses(message, GMIME_ADDRESS_TYPE_TO, out_.to);
        addresses(message, GMIME_ADDRESS_TYPE_CC, out_.cc);
        addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO, out_.reply_to);
        if (GDateTime* date = g_mime_message_get_date(message)) {
            const auto seconds = g_date_time_to_unix(date);
            // A year beyond four digits is a broken header.
            if (seconds >= 0 && seconds < 253402300800) out_.date = Timestamp(std::chrono::seconds(seconds));
        }
        GMimeObject* object = GMIME_OBJECT(message);
        out_.references = ids(header(object, "References"));
        auto answered = ids(header(object, "In-Reply-To"));
        if (!answered.empty()) out_.in_reply_to = answered.front();
        auto automatic = lower_ascii(line(header(object, "Auto-Submitted")));
        automatic = trim(automatic.substr(0, automatic.find_first_of("; ")));
        if (automatic != "no") out_.auto_submitted = std::move(automatic);
        out_.precedence = lower_ascii(line(header(object, "Precedence")));
        out_.list_id = line(header(object, "List-Id"));
        out_.list_unsubscribe = line(header(object, "List-Unsubscribe"));
        out_.one_click =
            equal_ignoring_case(line(header(object, "List-Unsubscribe-Post")), "List-Unsubscribe=One-Click");
    }

    void body(GMimeObject* part, std::size_t depth = 0) {
        if (!part || ++parts_ > limits_.parts || depth > kDepth) return;
        if (GMIME_IS_MULTIPART(part)) return multipart(GMIME_MULTIPART(part), depth);
        if (GMIME_IS_MESSAGE_PART(part)) return enclosed(GMIME_MESSAGE_PART(part));
        if (GMIME_IS_PART(part)) leaf(GMIME_PART(part));
    }

    void finish() {
        if (out_.text.empty() && !html_.empty()) {
            out_.text = clean_text(html_to_text(html_), limits_.text);
            out_.from_html = true;
        }
        if (report_type_.empty()) return;
        if (!out_.report) return;
        add_original(*out_.report, original_);
    }

  private:
    static constexpr std::size_t kDepth = 50;

    std::string line(const char* text) const { return clean_line(view(text), limits_.header); }
    static const char* header(GMimeObject* object, const char* name) { return g_mime_object_get_header(object, name); }

    std::vector<std::string> ids(const char* text) const {
        std::vector<std::string> out;
        if (!text) return out;
        GMimeReferences* found = g_mime_references_parse(options_, text);
        const auto count = g_mime_references_length(found);
        for (int i = std::max(0, count - static_cast<int>(limits_.references)); i < count; ++i) {
            if (auto id = line(g_mime_references_get_message_id(found, i)); !id.empty()) out.push_back(std::move(id));
        }
        // The oldest one names the thread, so it stays when the list is cut.
        if (count > static_cast<int>(limits_.references) && !out.empty())
            out.front() = line(g_mime_references_get_message_id(found, 0));
        g_mime_references_free(found);
        return out;
    }

    void addresses(GMimeMessage* message, GMimeAddressType type, std::vector<MailAddress>& into) {
        if (auto* list = g_mime_message_get_addresses(message, type)) add(list, into, 0);
    }
    void add(InternetAddressList* list, std::vector<MailAddress>& into, int depth) {
        const int count = internet_address_list_length(list);
        for (int i = 0; i < count && into.size() < limits_.addresses; ++i) {
            InternetAddress* one = internet_address_list_get_address(list, i);
            if (INTERNET_ADDRESS_IS_MAILBOX(one)) {
                auto address = line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
                if (!address.empty()) into.push_back({line(internet_address_get_name(one)), std::move(address)});
            } else if (INTERNET_ADDRESS_IS_GROUP(one) && depth < 4) {
                if (auto* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)))
                    add(members, into, depth + 1);
            }
        }
    }

    void multipart(GMimeMultipart* whole, std::size_t depth) {
        if (depth == 0 && type_of(GMIME_OBJECT(whole)) == "multipart/report")
            report_type_ = lower_ascii(parameter_of(GMIME_OBJECT(whole), "report-type"));
        const int count = g_mime_multipart_get_count(whole);
        for (int i = 0; i < count && parts_ <= limits_.parts; ++i) body(g_mime_multipart_get_part(whole, i), depth + 1);
    }

    // A forwarded mail, or in a report the one that it is about.
    void enclosed(GMimeMessagePart* part) {
        GMimeMessage* message = g_mime_message_part_get_message(part);
        if (!message) return;
        if (!report_type_.empty() && original_.empty()) {
            const Text headers(g_mime_object_get_headers(GMIME_OBJECT(message), nullptr));
            original_ = view(headers.get());
            return;
        }
        // Its own bytes are not decoded here; what a reader needs is that it was there.
        out_.attachments.push_back({line(g_mime_message_get_subject(message)), "message/rfc822", 0, {}});
    }

    void leaf(GMimePart* part) {
        GMimeObject* object = GMIME_OBJECT(part);
        const auto type = type_of(object);
        auto content = content_of(part);
        if (!report_type_.empty()) {
            if (type == "message/delivery-status" || type == "message/global-delivery-status")
                return machine(read_delivery_status(content));
            if (type == "message/feedback-report") return machine(read_feedback(content));
            if (type == "text/rfc822-headers" || type == "message/global-headers") {
                if (original_.empty()) original_ = std::move(content);
                return;
            }
        }
        const auto name = clean_line(view(g_mime_part_get_filename(part)), 255);
        const bool attached = equal_ignoring_case(view(g_mime_object_get_disposition(object)), "attachment");
        if (!attached && name.empty() && (type == "text/plain" || type == "text/html")) {
            const auto text = to_utf8(content, parameter_of(object, "charset"), limits_.charset);
            auto& into = type == "text/html" ? html_ : out_.text;
            if (into.size() < limits_.text) {
                if (!into.empty()) into += "\n";
                into += clean_text(text, limits_.text - std::min(limits_.text, into.size()));
            }
            return;
        }
        out_.attachments.push_back(
            {name, type, content.size(), cut_ ? std::string() : to_hex(crypto::sha256(content).view())});
    }

    void machine(Report report) {
        if (!out_.report) out_.report = std::move(report);
    }

    const MailLimits& limits_;
    GMimeParserOptions* options_;
    bool cut_;
    MailMessage& out_;
    std::size_t parts_ = 0;
    std::string report_type_;  // of the outermost part; empty: no report
    std::string html_;
    std::string original_;  // headers of the mail that a report is about
};

// Exim and Gmail name the failed recipients in a header; some servers send nothing else that a machine can read.
void failed_recipients(GMimeMessage* message, MailMessage& out) {
    if (out.report) return;
    const auto named = view(g_mime_object_get_header(GMIME_OBJECT(message), "X-Failed-Recipients"));
    for (const auto one : split(named, ',')) {
        auto address = plain_address(one);
        if (address.empty()) continue;
        if (!out.report) out.report.emplace();
        // No status is told, so nobody can say that the address is dead.
        out.report->recipients.push_back({std::move(address), "failed", {}, {}, false});
        if (out.report->recipients.size() == 100) break;
    }
}

}  // namespace

std::string MailMessage::thread() const {
    if (!references.empty()) return references.front();
    return in_reply_to.empty() ? message_id : in_reply_to;
}

MailMessage read_message(std::string_view bytes, const MailLimits& limits, bool cut) {
    MailMessage out;
    const auto options = make_options(limits);
    const Object<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Object<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const Object<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
    if (!message) return out;
    Reading reading(limits, options.get(), cut, out);
    reading.headers(message.get());
    reading.body(g_mime_message_get_mime_part(message.get()));
    reading.finish();
    failed_recipients(message.get(), out);
    return out;
}

}  // namespace tributary::connectors::mail
