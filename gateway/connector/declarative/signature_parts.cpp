#include "gateway/connector/declarative/signature_parts.hpp"

#include <algorithm>
#include <limits>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/verify_entities.hpp"

namespace tributary::connector {
namespace {

std::optional<std::string> decode(std::string_view text, const std::vector<DigestStep>& steps) {
    std::string bytes(text);
    for (auto step : steps) {
        std::optional<std::string> next;
        if (step == DigestStep::hex) next = from_hex(bytes);
        if (step == DigestStep::base64) next = from_base64(bytes);
        if (step == DigestStep::after_colon)
            if (auto colon = bytes.find(':'); colon != std::string::npos) next = bytes.substr(colon + 1);
        if (!next) return std::nullopt;
        bytes = *std::move(next);
    }
    return bytes;
}

std::optional<std::string> decode_key(std::string_view text, KeyEncoding encoding) {
    switch (encoding) {
        case KeyEncoding::text:
            return std::string(text);
        case KeyEncoding::base64:
            return from_base64(text);
        case KeyEncoding::hex:
            return from_hex(text);
        case KeyEncoding::html_entities:
            return decode_html_entities(text);
    }
    return std::nullopt;
}

void wipe(std::string& text) {
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

// What the request lacks is its own fault; what the credentials lack is the operator's.
std::unexpected<Error> blame(Error error, std::string_view reason) {
    if (error.fault == Fault::bad_input) return refuse(reason);
    return fail(std::move(error));
}

}  // namespace

std::vector<std::string_view> ValueList::read(std::string_view text) const {
    std::vector<std::string_view> found;
    while (!separator.empty()) {
        auto end = text.find(separator);
        auto item = trim(text.substr(0, end));
        if (item.starts_with(pick)) found.push_back(item.substr(pick.size()));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + separator.size());
    }
    return found;
}

Result<std::string> read_part(const Template& part, SignatureValues& values, std::string_view reason) {
    auto text = part.render(values.scope());
    if (!text) return blame(std::move(text).error(), reason);
    if (!*text) return refuse(reason);
    return **std::move(text);
}

Result<std::vector<std::string>> read_signatures(const SignedMessage& message, SignatureValues& values) {
    std::string text;
    if (!message.header.empty()) {
        const auto* found = values.request().header(message.header);
        if (!found) return refuse(kSignatureMissing);
        text = *found;
    } else {
        TRY(text, read_part(message.signature, values, kSignatureMissing));
    }
    if (trim(text).empty()) return refuse(kSignatureMissing);
    auto items = message.list ? message.list->read(text) : std::vector<std::string_view>{trim(text)};
    std::vector<std::string> decoded;
    for (auto item : items) {
        if (!item.starts_with(message.prefix)) continue;
        if (auto bytes = decode(item.substr(message.prefix.size()), message.encoding))
            decoded.push_back(*std::move(bytes));
    }
    if (decoded.empty()) return refuse(kSignatureMalformed);
    return decoded;
}

Result<std::vector<crypto::SecretBytes>> read_keys(const Template& key, KeyEncoding encoding, std::string_view prefix,
                                                   SignatureValues& values) {
    std::vector<crypto::SecretBytes> keys;
    for (std::size_t i = 0; i == 0 || i < values.secrets_seen(); ++i) {
        values.use_secret(i);
        auto rendered = key.render_required(values.scope());
        values.use_secret(0);
        if (!rendered) return pass(std::move(rendered), "webhooks.verify.key");
        std::string_view text = *rendered;
        if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
        auto bytes = decode_key(text, encoding);
        wipe(*rendered);
        if (!bytes || bytes->empty())
            return fail(Fault::bad_config, "a secret is empty or not in the encoding that the platform uses",
                        "webhooks.verify.key");
        keys.emplace_back(*bytes);
        wipe(*bytes);
    }
    return keys;
}

Result<std::string> signed_text(const SignedMessage& message, SignatureValues& values) {
    if (message.sorted.empty()) return read_part(message.over, values, kSignatureMissing);
    std::vector<std::string> parts;
    for (const auto& part : message.sorted) {
        TRY(auto text, read_part(part, values, kSignatureMissing));
        parts.push_back(std::move(text));
    }
    std::ranges::sort(parts);
    return join(parts, "");
}

Result<std::optional<Timestamp>> read_time(const std::optional<SignedTime>& time, SignatureValues& values) {
    if (!time) return std::nullopt;
    TRY(auto text, read_part(time->from, values, kTimestampMissing));
    std::string_view written = trim(text);
    if (time->list) {
        auto found = time->list->read(written);
        if (found.size() != 1) return refuse(kTimestampMissing);  // two of them: which one was signed?
        written = found[0];
    }
    auto number = to_integer(written);
    if (!number || *number < 0) return refuse(kTimestampMissing);
    std::int64_t scale = time->unit == TimeUnit::seconds ? 1000 : 1;
    if (*number > std::numeric_limits<std::int64_t>::max() / 1000 / scale) return refuse(kTimestampMissing);
    values.scope().bind("timestamp", std::string(written));
    return Timestamp{Milliseconds{*number * scale}};
}

Result<void> check_time(const SignedTime& time, Timestamp signed_at, Timestamp now, const TimeWindow& window) {
    if (!window.check) return {};
    if (now - signed_at > window.tolerance.value_or(time.tolerance)) return refuse(kTimestampStale);
    if (signed_at - now > std::max(window.tolerance.value_or(Milliseconds{0}), time.future))
        return refuse(kTimestampFuture);
    return {};
}

}  // namespace tributary::connector
