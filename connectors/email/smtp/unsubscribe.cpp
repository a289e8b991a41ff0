#include "connectors/email/smtp/unsubscribe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/email/smtp/mail.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::smtp {

using connector::InboundAnswer;
using connector::InboundRequest;

namespace {

constexpr std::size_t kLongestToken = 1000;
constexpr std::string_view kTopic = "unsubscribe";
constexpr std::string_view kStream = "unsubscribes";

crypto::Place place_of(const std::string& connection) {
    return {"unsubscribe link", connection};
}

std::string_view token_of(const InboundRequest& request) {
    std::string_view path = request.target;
    path = path.substr(0, path.find('?'));
    return path.substr(path.rfind('/') + 1);
}

// As a form, or as multipart/form-data, whose field stands in lines of its own.
bool says_one_click(std::string_view body) {
    constexpr std::string_view kForm = "List-Unsubscribe=One-Click";
    if (const auto at = body.find(kForm); at != body.npos) {
        const auto end = at + kForm.size();
        const bool begins = at == 0 || body[at - 1] == '&';
        return begins && (end == body.size() || std::string_view("&\r\n").contains(body[end]));
    }
    const auto field = body.find("name=\"List-Unsubscribe\"");
    if (field == body.npos) return false;
    const auto value = body.find("\r\n\r\n", field);
    return value != body.npos && body.substr(value + 4).starts_with("One-Click\r\n");
}

constexpr std::string_view kPage =
    "<!doctype html><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><title>Unsubscribe</title>"
    "<form method=\"post\"><p>No more of these mails?</p>"
    "<button name=\"List-Unsubscribe\" value=\"One-Click\">Unsubscribe</button></form>";

}  // namespace

Result<UnsubscribeLinks> UnsubscribeLinks::make(std::string_view secret, std::string connection) {
    if (secret.size() < 16)
        return fail(Fault::bad_config, "unsubscribe_secret must have at least 16 characters, at best random ones");
    const auto id = crypto::hkdf_sha256(secret, connection, "tributary unsubscribe link id", 16);
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::copy(id.reveal(), reinterpret_cast<char*>(bytes.data()));
    crypto::AeadKey key(Uid::from_bytes(bytes), crypto::hkdf_sha256(secret, connection, "tributary unsubscribe link"));
    return UnsubscribeLinks(std::move(key), std::move(connection));
}

std::string UnsubscribeLinks::token(const Unsubscriber& who, crypto::Random& random) const {
    return to_base64url(key_.seal(place_of(connection_), who.action + '\n' + who.address, random));
}

Result<Unsubscriber> UnsubscribeLinks::open(std::string_view token) const {
    const auto sealed = token.size() > kLongestToken ? std::nullopt : from_base64(token);
    if (!sealed || sealed->empty()) return fail(Fault::unauthorized, "signature_missing");
    const auto text = key_.open(place_of(connection_), *sealed);
    const auto line = text ? text->find('\n') : std::string::npos;
    if (line == std::string::npos) return fail(Fault::unauthorized, "signature_mismatch");
    return Unsubscriber{text->substr(line + 1), text->substr(0, line)};
}

Result<UnsubscribeLinks> UnsubscribeHook::links() const {
    if (!credential_) return fail(Fault::bad_config, "unsubscribe_secret is missing in the credentials");
    TRY(const auto secret, credential_("unsubscribe_secret"));
    return UnsubscribeLinks::make(secret.reveal(), connection_);
}

Result<Unsubscriber> UnsubscribeHook::who(const InboundRequest& request) const {
    TRY(const auto made, links());
    return made.open(token_of(request));
}

std::optional<Result<InboundAnswer>> UnsubscribeHook::challenge(const InboundRequest& request, Timestamp) const {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    const auto asked = who(request);
    if (!asked) return fail(asked.error());
    return InboundAnswer{200, "text/html; charset=utf-8", std::string(kPage)};
}

Result<void> UnsubscribeHook::verify(const InboundRequest& request, Timestamp) const {
    TRY(std::ignore, who(request));
    if (!says_one_click(request.body)) return fail(Fault::unauthorized, "not_one_click");
    return {};
}

Result<InboundRequest> UnsubscribeHook::open(InboundRequest request) const {
    TRY(const auto asked, who(request));
    value::Builder out;
    out.begin_object().key("address").text(asked.address).key("action").text(asked.action).key("unsubscribed_at");
    out.integer(std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count());
    request.body = value::to_json(out.end().take().root());
    return request;
}

// A repeated POST is the same act, but somebody who subscribed again may use the link of an old mail again.
Result<std::string> UnsubscribeHook::delivery_id(const InboundRequest& request) const {
    const auto minute = std::chrono::floor<std::chrono::minutes>(clock_.now());
    return fmt::format("{}\n{}", token_of(request), minute.time_since_epoch().count());
}

Result<std::string> UnsubscribeHook::topic(const InboundRequest&) const {
    return std::string(kTopic);
}

Result<std::vector<connector::InboundEvent>> UnsubscribeHook::decode(const std::string& topic,
                                                                     const std::string& body) const {
    if (topic != kTopic) return fail(Fault::bad_input, "the only topic is unsubscribe");
    TRY(const auto document, value::parse_json(body));
    const auto address = std::string(document.root().find("address").text());
    if (address.empty()) return fail(Fault::bad_input, "the event names no address");
    return std::vector{connector::InboundEvent{topic, std::string(kStream), {address, body}}};
}

Result<InboundAnswer> UnsubscribeHook::accepted(Timestamp) const {
    return InboundAnswer{200, "text/plain; charset=utf-8", "You are unsubscribed.\n"};
}

}  // namespace tributary::connectors::smtp
