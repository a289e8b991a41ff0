#include "gateway/consent/receipt.hpp"

#include "gateway/record/timestamp.hpp"

namespace tributary::consent {
namespace {

// DPV's ConsentStatus terms.
std::string_view dpv_status(State state) {
    switch (state) {
        case State::requested:
        case State::pending_doi:
            return "dpv:ConsentRequested";
        case State::given:
            return "dpv:ConsentGiven";
        case State::renewed:
            return "dpv:RenewedConsentGiven";
        case State::refused:
            return "dpv:ConsentRefused";
        case State::withdrawn:
            return "dpv:ConsentWithdrawn";
        case State::revoked:
            return "dpv:ConsentRevoked";
        case State::expired:
            return "dpv:ConsentExpired";
        case State::invalidated:
            return "dpv:ConsentInvalidated";
        case State::unknown:
            return "dpv:ConsentUnknown";
    }
    return "dpv:ConsentUnknown";
}

class ReceiptWriter {
  public:
    explicit ReceiptWriter(value::Builder& out) : out_(out) {}
    void text(std::string_view key, std::string_view text) {
        if (!text.empty()) out_.key(key).text(text);
    }
    void time(std::string_view key, const std::optional<Timestamp>& at) {
        if (at) text(key, record::timestamp_text(*at));
    }
    void list(std::string_view key, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        out_.key(key).begin_array();
        for (const auto& one : texts) out_.text(one);
        out_.end();
    }

  private:
    value::Builder& out_;
};

void write_processing(value::Builder& out, const PurposeRegistry& purposes, const ConsentEvent& event) {
    ReceiptWriter write(out);
    const auto* purpose = purposes.find(event.purpose);
    out.key("dpv:hasProcess").begin_object().key("purpose").text(event.purpose);
    if (purpose) {
        write.text("dpv:hasPurpose", purpose->dpv.empty() ? "" : "dpv:" + purpose->dpv);
        write.text("title", purpose->title);
        write.text("description", purpose->description);
    }
    auto basis = event.lawful_basis ? *event.lawful_basis : purpose ? purpose->lawful_basis : Basis::consent;
    write.text("lawful_basis", name_of(basis));
    write.text("channel", name_of(event.channel));
    write.text("service", event.brand);
    write.list("pii_information", event.data_categories);
    write.list("recipient_third_parties", event.recipients);
    write.list("storage_locations", event.storage_locations);
    write.text("retention_period", event.storage_period);
    write.list("jurisdiction", event.jurisdiction);
    write.text("withdrawal_method", event.withdrawal_method);
    write.text("pii_controllers", event.controller);
    if (event.notice != Notice{}) {
        out.key("privacy_notice").begin_object();
        write.text("id", event.notice.id);
        write.text("version", event.notice.version);
        write.text("language", event.notice.lang);
        write.text("sha256", event.notice.sha256);
        out.end();
    }
    out.end();
}

void write_event(value::Builder& out, const ConsentEvent& event) {
    ReceiptWriter write(out);
    out.key("event").begin_object();
    write.text("event_state", dpv_status(event.state));
    write.text("event_type", name_of(event.type));
    write.text("entity_id", name_of(event.origin));
    write.time("event_time", event.event_time);
    write.time("valid_from", event.valid_from);
    write.time("valid_until", event.valid_until);
    write.text("collection_method", event.capture.method);
    write.text("proof", event.proof.kind);
    write.text("proof_sha256", event.proof.sha256);
    write.time("double_opt_in_confirmed_at", event.doi.confirmed_at);
    if (event.supersedes) write.text("supersedes", event.supersedes->text());
    write.text("reason", event.reason);
    out.end();
}

}  // namespace

value::Document receipt_of(const PurposeRegistry& purposes, std::span<const ConsentEvent> events,
                           std::string_view issuer, Timestamp now) {
    value::Builder out;
    out.begin_object().key("@context").begin_object().key("dpv").text("https://w3id.org/dpv#").end();
    out.key("@type").text("dpv:ConsentReceipt").key("schema_version").text(kSchemaVersion);
    out.key("issuer").text(issuer).key("issued_at").text(record::timestamp_text(now));
    out.key("records").begin_array();
    for (const auto& event : events) {
        out.begin_object().key("@type").text("dpv:ConsentRecord").key("record_id").text(event.id.text());
        out.key("pii_principal_id").text(event.subject.text());
        write_processing(out, purposes, event);
        write_event(out, event);
        out.end();
    }
    return out.end().end().take();
}

}  // namespace tributary::consent
