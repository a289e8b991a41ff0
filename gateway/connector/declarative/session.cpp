#include "gateway/connector/declarative/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/jwt.hpp"

namespace tributary::connector {
namespace {

// Some tokens live for months; what says more than this has no end worth knowing.
constexpr Milliseconds kLongestTokenLife = std::chrono::days{3650};

// Ends early by a tenth of its life, a minute at most.
Timestamp early(Timestamp end, Timestamp now) {
    const auto margin = std::min<Milliseconds>((end - now) / 10, std::chrono::minutes(1));
    return end - std::max(margin, Milliseconds(0));
}

}  // namespace

std::optional<Timestamp> jwt_expiry(std::string_view token) {
    const auto claims = jwt_claims(token);
    const auto end = claims ? jwt_moment(claims->root(), "exp") : JwtMoment{};
    return end.is == JwtTime::given ? std::optional(end.at) : std::nullopt;
}

std::optional<Timestamp> Session::end_of(const Lifetime& lifetime, const Answer& answer, Timestamp now) const {
    if (lifetime.fixed) return now + *lifetime.fixed;
    if (!lifetime.jwt.empty()) return jwt_expiry(values_.root().find(lifetime.jwt).text());
    const auto text = lifetime.at->read(answer);
    if (!text) return std::nullopt;
    const auto left = net::parse_reset(*text, lifetime.unit, now, kLongestTokenLife);
    // Mailchimp says 0 of tokens that never end.
    return left && left->count() > 0 ? std::optional(now + *left) : std::nullopt;
}

Result<void> Session::take(const SessionAuth& auth, const Answer& answer, const Scope& scope, Timestamp now,
                           bool renewed) {
    if (auth.failed && auth.failed->holds(answer)) return fail(Fault::unauthorized, "the login was refused");
    value::Builder out;
    out.begin_object();
    for (const auto& [name, where] : auth.save) {
        TRY(const auto text, where.read(answer, scope));
        if (!text) return fail(Fault::unauthorized, fmt::format("the answer to the login holds no '{}'", name));
        out.key(name).text(*text);
    }
    out.end();
    values_ = out.take();
    cookies_.clear();
    if (auth.cookies) take_cookies(answer);
    if (auth.cookies && cookies_.empty() && auth.save.empty())
        return fail(Fault::unauthorized, "the answer to the login sets no cookie");
    expires_.reset();
    end_.reset();
    if (auth.lifetime) end_ = end_of(*auth.lifetime, answer, now);
    if (end_) expires_ = early(*end_, now);
    known_ = true;
    renewed_ = renewed;
    dropped_ = false;
    ++generation_;
    return {};
}

void Session::adopt(value::Document values, std::uint64_t version, std::optional<Timestamp> until) {
    values_ = std::move(values);
    version_ = version;
    refused_.reset();
    expires_ = until;
    known_ = true;
    ++generation_;
}

void Session::take_cookies(const Answer& answer) {
    std::map<std::string, std::string, std::less<>> jar;
    for (const auto pair : split(cookies_, ';'))
        if (const auto equals = pair.find('='); equals != std::string_view::npos)
            jar.insert_or_assign(std::string(trim(pair.substr(0, equals))), std::string(trim(pair.substr(equals + 1))));
    for (const auto& [name, text] : answer.headers) {
        if (!equal_ignoring_case(name, "Set-Cookie")) continue;
        const auto pair = std::string_view(text).substr(0, text.find(';'));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        jar.insert_or_assign(std::string(trim(pair.substr(0, equals))), std::string(trim(pair.substr(equals + 1))));
    }
    std::vector<std::string> all;
    for (const auto& [name, text] : jar) all.push_back(name + "=" + text);
    cookies_ = join(all, "; ");
}

}  // namespace tributary::connector
