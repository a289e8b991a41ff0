#include "gateway/flow/double_opt_in.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kUidBytes = 16, kSecretBytes = 16;
constexpr std::size_t kTokenDigits = 2 * (2 * kUidBytes + kSecretBytes);

struct TokenOwner {
    Uid contact, subject;
};

Uid uid_at(std::string_view bytes, std::size_t from) {
    Uid uid;
    std::ranges::copy(bytes.substr(from, kUidBytes), uid.bytes.begin());
    return uid;
}

std::string hash_of(std::string_view token) {
    return to_hex(crypto::sha256(token).view());
}

Error not_valid() {
    return {Fault::not_found, "this link is not valid any more: it was used, or is older than seven days"};
}

// The act that the token was made for, unless it was answered.
Result<consent::ConsentEvent> pending_act(World& world, const Uid& subject, const std::string& hash, Timestamp now) {
    std::vector<store::ConsentEventRow> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto found, session.consent_events().of(std::span(&subject, 1)));
        rows = std::move(found.front());
        return {};
    }));
    std::optional<consent::ConsentEvent> pending;
    for (const auto& row : rows) {
        TRY(auto event, consent::event_from_json(row.body));
        if (event.doi.token_hash != hash) continue;
        if (event.doi.confirmed_at) return fail(not_valid());
        pending = std::move(event);
    }
    if (!pending || !pending->doi.sent_at || now - *pending->doi.sent_at > kTokenLife) return fail(not_valid());
    return std::move(*pending);
}

// Everything that the act says but what is about to be said anew.
void copy_act(value::Node act, value::Builder& out) {
    constexpr std::array<std::string_view, 12> kSetAnew{"event_state", "event_type",     "event_time", "origin",
                                                        "doi",         "schema_version", "event_id",   "subject_ref",
                                                        "received_at", "proof",          "supersedes", "reason"};
    for (auto member : act)
        if (member && std::ranges::find(kSetAnew, member.key()) == kSetAnew.end()) out.key(member.key()).copy(member);
}

}  // namespace

bool DoubleOptIn::is_token(std::string_view text) {
    return text.size() == kTokenDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::string> DoubleOptIn::ask(value::Node act, const Uid& contact, const Uid& subject) {
    auto token =
        to_hex(contact.view()) + to_hex(subject.view()) + to_hex(crypto::random_bytes(kSecretBytes, world_.random));
    auto now = record::timestamp_text(world_.clock.now());
    value::Builder out;
    out.begin_object();
    copy_act(act, out);
    out.key("event_state").text("pending_doi").key("event_type").text("expressed").key("origin").text("subject");
    out.key("event_time").text(now);
    out.key("doi").begin_object().key("sent_at").text(now).key("token_hash").text(hash_of(token)).end().end();
    auto document = out.take();
    TRY(auto prepared, prepare_consent(world_, document.root(), contact, subject, world_.clock.now()));
    CHECK_OK(process_.record_consents({std::move(prepared)}));
    return token;
}

Result<void> DoubleOptIn::confirm(std::string_view token) {
    if (!is_token(token)) return fail(not_valid());
    auto bytes = from_hex(token).value_or("");
    TokenOwner owner{uid_at(bytes, 0), uid_at(bytes, kUidBytes)};
    std::scoped_lock lock(mutex_);
    auto now = world_.clock.now();
    TRY(auto pending, pending_act(world_, owner.subject, hash_of(token), now));
    auto asked = consent::to_document(pending);
    auto at = record::timestamp_text(now);
    value::Builder out;
    out.begin_object();
    copy_act(asked.root(), out);
    out.key("event_state").text("given").key("event_type").text("explicit").key("origin").text("subject");
    out.key("event_time").text(at).key("supersedes").text(pending.id.text());
    out.key("proof").begin_object().key("kind").text("doi_token").key("sha256").text(pending.doi.token_hash).end();
    out.key("doi").begin_object().key("sent_at").text(record::timestamp_text(*pending.doi.sent_at));
    out.key("confirmed_at").text(at).key("token_hash").text(pending.doi.token_hash).end().end();
    auto document = out.take();
    TRY(auto prepared, prepare_consent(world_, document.root(), owner.contact, owner.subject, now));
    CHECK_OK(process_.record_consents({std::move(prepared)}));
    return {};
}

}  // namespace tributary::flow
