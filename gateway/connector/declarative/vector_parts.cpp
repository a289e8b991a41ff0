#include "gateway/connector/declarative/vector_parts.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"

namespace tributary::connector {

Result<InboundRequest> request_of(value::Node vector) {
    InboundRequest request;
    request.method = vector.find("method").text();
    request.url = vector.find("url").text();
    auto scheme = request.url.find("://");
    auto slash = scheme == std::string::npos ? 0 : request.url.find('/', scheme + 3);
    request.target = slash == std::string::npos || request.url.empty() ? "/" : request.url.substr(slash);
    for (auto header : vector.find("headers")) request.headers.emplace_back(header.key(), header.scalar_text());
    auto encoding = vector.find("body_encoding").text();
    request.body = vector.find("body").text();
    if (encoding == "base64" || encoding == "hex") {
        auto bytes = encoding == "hex" ? from_hex(request.body) : from_base64(request.body);
        if (!bytes) return fail(Fault::bad_input, "its body is not in the encoding that it names");
        request.body = *std::move(bytes);
    }
    return request;
}

SecretReader secrets_of(value::Node vector) {
    return [vector](std::string_view field) -> Result<crypto::SecretBytes> {
        auto named = vector.find(field);
        return crypto::SecretBytes((named.is(value::Kind::text) ? named : vector.find("secret")).text());
    };
}

ClockOf clock_of(value::Node vector) {
    ClockOf clock;
    auto now = vector.find("now"), tolerance = vector.find("tolerance_s");
    clock.window.check = now.is(value::Kind::integer);
    if (clock.window.check) clock.now = Timestamp{std::chrono::seconds{now.integer()}};
    if (tolerance.is(value::Kind::integer)) {
        clock.window.tolerance = std::chrono::seconds{tolerance.integer()};
        // The SDKs that the vectors come from take 0 as "do not look at the time".
        if (tolerance.integer() == 0) clock.window.check = false;
    }
    return clock;
}

Verdict compare(const Result<void>& outcome, bool should_verify) {
    auto what = outcome ? std::string("accepted") : "refused: " + outcome.error().what;
    if (!outcome && outcome.error().fault != Fault::unauthorized) return failed(outcome.error().text());
    return outcome.has_value() == should_verify ? passed(std::move(what))
                                                : failed(what + ", the opposite was expected");
}

value::Document settings_of(value::Node vector) {
    value::Builder out;
    out.begin_object();
    for (const auto* name : {"app_id", "app_key", "corp_id"})
        if (const auto receiver = vector.find("receive_id"); receiver && !vector.find(name))
            out.key(name).copy(receiver);
    for (auto member : vector) out.key(member.key()).copy(member);
    out.end();
    return out.take();
}

}  // namespace tributary::connector
