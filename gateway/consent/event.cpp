#include "gateway/consent/event.hpp"

#include <fmt/format.h>

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::consent {
namespace {

using value::Kind;
using value::Node;

class Writer {
  public:
    Writer() { out_.begin_object(); }
    void put(std::string_view key, std::string_view text) {
        if (!text.empty()) out_.key(key).text(text);
    }
    void put(std::string_view key, const std::optional<Timestamp>& at) {
        if (at) out_.key(key).text(record::timestamp_text(*at));
    }
    void put(std::string_view key, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        out_.key(key).begin_array();
        for (const auto& text : texts) out_.text(text);
        out_.end();
    }
    void put(std::string_view key, std::int64_t number) { out_.key(key).integer(number); }
    void begin(std::string_view key) { out_.key(key).begin_object(); }
    void end() { out_.end(); }
    value::Document take() {
        out_.end();
        return out_.take();
    }

  private:
    value::Builder out_;
};

// Reads fields and keeps the first thing that is wrong: an event is taken whole or not at all.
class Reader {
  public:
    explicit Reader(Node node) : node_(node) {}

    std::string text(std::string_view key) {
        auto found = node_.find(key);
        if (!found || found.is(Kind::text)) return std::string(found.text());
        wrong(key, "text");
        return {};
    }
    std::optional<Timestamp> time(std::string_view key) {
        auto written = text(key);
        if (written.empty()) return std::nullopt;
        auto at = record::parse_timestamp(written);
        if (!at) wrong(key, "an RFC 3339 timestamp");
        return at;
    }
    std::optional<Uid> uid(std::string_view key) {
        auto written = text(key);
        if (written.empty()) return std::nullopt;
        auto uid = Uid::parse(written);
        if (!uid) wrong(key, "a uid");
        return uid;
    }
    std::int64_t integer(std::string_view key) {
        auto found = node_.find(key);
        if (found && !found.is(Kind::integer)) wrong(key, "a whole number");
        return found.is(Kind::integer) ? found.integer() : 0;
    }
    std::vector<std::string> texts(std::string_view key) {
        std::vector<std::string> all;
        auto found = node_.find(key);
        if (found && !found.is(Kind::array)) wrong(key, "a list of text");
        for (auto item : found) {
            if (!item.is(Kind::text)) wrong(key, "a list of text");
            all.emplace_back(item.text());
        }
        return all;
    }
    // A name of a closed list; nullopt when there is none.
    template <class E>
    std::optional<E> name(std::string_view key, std::optional<E> (*named)(std::string_view)) {
        auto written = text(key);
        if (written.empty()) return std::nullopt;
        auto value = named(written);
        if (!value) wrong(key, "a known name");
        return value;
    }
    template <class T>
    T needed(std::string_view key, std::optional<T> value) {
        if (value) return std::move(*value);
        if (!error_) error_ = Error{Fault::bad_input, fmt::format("{} is missing", key), "consent event"};
        return T{};
    }
    template <class F>
    auto part(std::string_view key, F read) {
        auto found = node_.find(key);
        if (found && !found.is(Kind::object)) wrong(key, "an object");
        Reader inner(found.is(Kind::object) ? found : Node());
        auto value = read(inner);
        if (inner.error_ && !error_) error_ = inner.error_;
        return value;
    }
    bool has(std::string_view key) const { return static_cast<bool>(node_.find(key)); }
    const std::optional<Error>& error() const { return error_; }

  private:
    void wrong(std::string_view key, std::string_view expected) {
        if (!error_) error_ = Error{Fault::bad_input, fmt::format("{} is not {}", key, expected), "consent event"};
    }
    Node node_;
    std::optional<Error> error_;
};

std::optional<std::string> filled(std::string text) {
    if (text.empty()) return std::nullopt;
    return text;
}

void write_parts(const ConsentEvent& event, Writer& out) {
    if (event.notice != Notice{}) {
        out.begin("notice");
        out.put("id", event.notice.id);
        out.put("version", event.notice.version);
        out.put("lang", event.notice.lang);
        out.put("sha256", event.notice.sha256);
        out.end();
    }
    if (const auto& capture = event.capture; capture != Capture{}) {
        out.begin("capture");
        out.put("source_system", capture.source_system);
        out.put("form_id", capture.form_id);
        out.put("page_url", capture.page_url);
        out.put("method", capture.method);
        out.put("ip_prefix", capture.ip_prefix);
        out.put("ua_hash", capture.ua_hash);
        out.end();
    }
    if (event.proof != Proof{}) {
        out.begin("proof");
        out.put("kind", event.proof.kind);
        out.put("sha256", event.proof.sha256);
        out.put("stored_ref", event.proof.stored_ref);
        out.end();
    }
    if (event.doi != DoubleOptIn{}) {
        out.begin("doi");
        out.put("sent_at", event.doi.sent_at);
        out.put("confirmed_at", event.doi.confirmed_at);
        out.put("token_hash", event.doi.token_hash);
        out.end();
    }
}

void read_parts(Reader& in, ConsentEvent& event) {
    event.notice = in.part("notice", [](Reader& part) {
        return Notice{part.text("id"), part.text("version"), part.text("lang"), part.text("sha256")};
    });
    event.capture = in.part("capture", [](Reader& part) {
        return Capture{part.text("source_system"), part.text("form_id"),   part.text("page_url"),
                       part.text("method"),        part.text("ip_prefix"), part.text("ua_hash")};
    });
    event.proof = in.part(
        "proof", [](Reader& part) { return Proof{part.text("kind"), part.text("sha256"), part.text("stored_ref")}; });
    event.doi = in.part("doi", [](Reader& part) {
        return DoubleOptIn{part.time("sent_at"), part.time("confirmed_at"), part.text("token_hash")};
    });
}

void read_scope(Reader& in, ConsentEvent& event) {
    if (in.has("contact_point"))
        event.contact_point = in.part("contact_point", [](Reader& part) {
            return ContactPoint{part.needed("contact_point.kind", filled(part.text("kind"))),
                                part.needed("contact_point.hash", filled(part.text("hash")))};
        });
    event.channel = in.needed("channel", in.name("channel", channel_named));
    event.purpose = in.needed("purpose", filled(in.text("purpose")));
    event.controller = in.text("controller");
    event.brand = in.text("brand");
    event.jurisdiction = in.texts("jurisdiction");
    event.data_categories = in.texts("data_categories");
    event.recipients = in.texts("recipients");
    event.storage_locations = in.texts("storage_locations");
    event.storage_period = in.text("storage_period");
}

}  // namespace

value::Document to_document(const ConsentEvent& event) {
    Writer out;
    out.put("event_id", event.id.text());
    out.put("schema_version", kSchemaVersion);
    out.put("subject_ref", event.subject.text());
    if (event.contact_point) {
        out.begin("contact_point");
        out.put("kind", event.contact_point->kind);
        out.put("hash", event.contact_point->hash);
        out.end();
    }
    out.put("channel", name_of(event.channel));
    out.put("purpose", event.purpose);
    out.put("controller", event.controller);
    out.put("brand", event.brand);
    if (event.lawful_basis) out.put("lawful_basis", name_of(*event.lawful_basis));
    out.put("event_type", name_of(event.type));
    out.put("event_state", name_of(event.state));
    out.put("origin", name_of(event.origin));
    out.put("event_time", std::optional(event.event_time));
    out.put("received_at", std::optional(event.received_at));
    if (event.clock_skew_ms != 0) out.put("clock_skew_ms", event.clock_skew_ms);
    out.put("valid_from", event.valid_from);
    out.put("valid_until", event.valid_until);
    out.put("jurisdiction", event.jurisdiction);
    out.put("data_categories", event.data_categories);
    out.put("recipients", event.recipients);
    out.put("storage_locations", event.storage_locations);
    out.put("storage_period", event.storage_period);
    out.put("withdrawal_method", event.withdrawal_method);
    write_parts(event, out);
    if (event.supersedes) out.put("supersedes", event.supersedes->text());
    out.put("gpp", event.gpp);
    out.put("reason", event.reason);
    out.put("actor", event.actor);
    return out.take();
}

Result<ConsentEvent> event_from(value::Node node) {
    if (!node.is(Kind::object)) return fail(Fault::bad_input, "expected an object", "consent event");
    Reader in(node);
    if (auto version = in.text("schema_version"); version != kSchemaVersion)
        return fail(Fault::bad_input, fmt::format("schema_version is not {}", kSchemaVersion), "consent event");
    ConsentEvent event;
    event.id = in.needed("event_id", in.uid("event_id"));
    event.subject = in.needed("subject_ref", in.uid("subject_ref"));
    read_scope(in, event);
    event.lawful_basis = in.name("lawful_basis", basis_named);
    event.type = in.needed("event_type", in.name("event_type", event_type_named));
    event.state = in.needed("event_state", in.name("event_state", state_named));
    event.origin = in.needed("origin", in.name("origin", origin_named));
    event.event_time = in.needed("event_time", in.time("event_time"));
    event.received_at = in.needed("received_at", in.time("received_at"));
    event.clock_skew_ms = in.integer("clock_skew_ms");
    event.valid_from = in.time("valid_from");
    event.valid_until = in.time("valid_until");
    event.withdrawal_method = in.text("withdrawal_method");
    read_parts(in, event);
    event.supersedes = in.uid("supersedes");
    event.gpp = in.text("gpp");
    event.reason = in.text("reason");
    event.actor = in.text("actor");
    if (in.error()) return fail(*in.error());
    return event;
}

Result<ConsentEvent> event_from_json(std::string_view json) {
    TRY(auto document, value::parse_json(json));
    return event_from(document.root());
}

}  // namespace tributary::consent
