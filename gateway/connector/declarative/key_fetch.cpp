#include "gateway/connector/declarative/key_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"

namespace tributary::connector {

using namespace std::chrono_literals;

namespace {

// The sender of a webhook waits meanwhile; most give up after ten seconds.
constexpr Milliseconds kTimeout = 4s;
constexpr Milliseconds kLifeUnsaid = 1h;
constexpr std::size_t kLargest = 512 << 10;  // bytes; a key set has a few kilobytes

}  // namespace

Milliseconds cache_life(const Answer& answer) {
    const auto* control = answer.header("Cache-Control");
    if (!control) return kLifeUnsaid;
    std::optional<std::int64_t> life;
    for (const auto part : split(*control, ',')) {
        const auto directive = lower_ascii(trim(part));
        if (directive == "no-store" || directive == "no-cache") return 0s;
        if (directive.starts_with("max-age=")) life = to_integer(std::string_view(directive).substr(8));
    }
    if (!life || *life < 0) return kLifeUnsaid;
    const auto* age = answer.header("Age");
    const auto spent = age ? to_integer(trim(*age)).value_or(0) : 0;
    constexpr std::int64_t kYear = 365 * 86400;
    return std::chrono::seconds(
        std::clamp<std::int64_t>(std::min(*life, kYear) - std::max<std::int64_t>(spent, 0), 0, kYear));
}

run::Task<> KeyFetch::fetch() {
    (void)co_await flight_.ensure([this] { return keyring_.needed().empty(); }, [this] { return fetch_all(); });
}

run::Task<Result<void>> KeyFetch::fetch_all() {
    for (auto& place : keyring_.needed()) {
        auto done = co_await fetch_from(place);
        if (done) continue;
        keyring_.failed(place, exchange_.now());
        exchange_.setup().log.error("the public keys of a webhook's sender cannot be had", done.error(),
                                    {{"connection", exchange_.setup().connection}, {"issuer", place.issuer}});
    }
    co_return Result<void>{};
}

run::Task<Result<void>> KeyFetch::fetch_from(KeyPlace place) {
    auto url = place.url;
    if (url.empty()) {
        const auto base = std::string_view(place.issuer).substr(0, place.issuer.find_last_not_of('/') + 1);
        auto discovered = co_await get(std::string(base) + "/.well-known/openid-configuration");
        if (!discovered) co_return pass(std::move(discovered), "discovery");
        // Section 4.3: else any host could speak for any issuer.
        if (discovered->root().find("issuer").text() != place.issuer)
            co_return fail(Fault::transient, "the discovery document is another issuer's");
        url = discovered->root().find("jwks_uri").text();
        if (url.empty()) co_return fail(Fault::transient, "the discovery document names no jwks_uri");
    }
    auto answer = co_await get(std::move(url));
    if (!answer) co_return pass(std::move(answer), "keys");
    auto keys = SenderKeys::read(answer->root());
    if (!keys) co_return pass(std::move(keys), "keys");
    keyring_.put(place, std::make_shared<const SenderKeys>(*std::move(keys)), cache_life(*answer), exchange_.now());
    co_return Result<void>{};
}

run::Task<Result<Answer>> KeyFetch::get(std::string url) {
    auto answer = co_await exchange_.get_public(std::move(url), kTimeout, kLargest);
    if (!answer) co_return fail(std::move(answer.error().error));
    if (answer->status != 200 || answer->unreadable)
        co_return fail(Fault::transient, answer->unreadable ? "what came is no JSON"
                                                            : fmt::format("answered with HTTP {}", answer->status));
    co_return *std::move(answer);
}

}  // namespace tributary::connector
