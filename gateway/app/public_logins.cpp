#include "gateway/app/public_logins.hpp"

#include "gateway/app/login_page.hpp"
#include "gateway/value/form.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kLongest = 16 << 10;
constexpr std::size_t kMostFields = 100;

std::optional<std::string> state_in(std::string_view query) {
    if (query.size() > kLongest || !ends_login(query)) return std::nullopt;
    auto fields = value::parse_form(query, kMostFields);
    if (!fields) return std::nullopt;
    auto state = fields->root().find("state");
    if (!state.is(value::Kind::text)) return std::nullopt;
    return std::string(state.text());
}

}  // namespace

void PublicLogins::forget_old(Timestamp now) {
    std::erase_if(waiting_, [now](const auto& one) { return one.second.until <= now; });
}

Result<void> PublicLogins::expect(std::string_view state, Timestamp now) {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    if (waiting_.size() >= kMost)
        return fail(Fault::rate_limited,
                    std::to_string(kMost) + " logins wait for a browser already: finish one of them");
    waiting_.insert_or_assign(crypto::sha256(state), Waiting{now + kLife, std::nullopt});
    return {};
}

net::HttpResponse PublicLogins::answer(const net::InboundHttp& request, Timestamp now) {
    auto state = request.method == "GET" ? state_in(request.query()) : std::nullopt;
    if (!state) return login_page(404, "not the end of a login\n");
    const std::lock_guard lock(mutex_);
    forget_old(now);
    auto found = waiting_.find(crypto::sha256(*state));
    if (found == waiting_.end()) return login_page(404, "no login waits for this: begin it again\n");
    if (found->second.query) return login_page(409, "this login is over\n");
    found->second.query = std::string(request.query());
    return login_page(200, std::string(kBackToTerminal));
}

Result<std::optional<std::string>> PublicLogins::take(std::string_view state, Timestamp now) {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    auto found = waiting_.find(crypto::sha256(state));
    if (found == waiting_.end()) return fail(Fault::not_found, "no such login waits: begin it again");
    if (!found->second.query) return std::nullopt;
    auto query = std::move(found->second.query);
    waiting_.erase(found);
    return query;
}

}  // namespace tributary::app
