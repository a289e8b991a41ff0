#include "gateway/app/bound_client.hpp"

#include <algorithm>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {

bool is_host_pattern(std::string_view text) {
    if (text.starts_with("*.")) text.remove_prefix(2);
    const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || std::string_view(".-_:").contains(c); };
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, allowed) && !text.contains("://") &&
           std::ranges::count(text, ':') != 1;
}

Result<void> BoundClient::check(const std::string& url, const net::HttpOptions& options) const {
    for (const auto& name : secrets_) {
        const auto secret = vault_.open(name);
        // Without it there is nothing that could go out.
        if (!secret && secret.error().fault == Fault::not_found) continue;
        if (!secret) return fail(secret.error());
        if (secret->binding.allowed_hosts.empty()) continue;
        auto egress = options.egress;
        egress.hosts = secret->binding.allowed_hosts;
        auto allowed = net::check_url(url, egress);
        if (!allowed && allowed.error().fault == Fault::refused)
            return fail(Fault::refused,
                        "the secret may be sent to " + join(secret->binding.allowed_hosts, ", ") + " alone",
                        "secret " + name);
    }
    return {};
}

run::Task<net::HttpResult> BoundClient::send(net::HttpRequest request, const net::HttpOptions& options) {
    if (auto allowed = check(request.url, options); !allowed)
        co_return std::unexpected(net::HttpFailure{std::move(allowed.error()), false});
    co_return co_await client_.send(std::move(request), options);
}

}  // namespace tributary::app
