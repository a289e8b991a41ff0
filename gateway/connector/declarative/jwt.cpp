#include "gateway/connector/declarative/jwt.hpp"

#include <array>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

constexpr std::size_t kLongest = 16 << 10;
constexpr std::int64_t kYear9999 = 253402300799;

using Parts = std::array<std::string_view, 3>;

std::optional<Parts> parts_of(std::string_view text) {
    if (text.size() > kLongest) return std::nullopt;
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

std::optional<value::Document> object_in(std::string_view part) {
    const auto bytes = from_base64(part);
    if (!bytes) return std::nullopt;
    auto document = value::parse_json(*bytes);
    if (!document || !document->root().is(value::Kind::object)) return std::nullopt;
    return *std::move(document);
}

}  // namespace

std::optional<Jwt> Jwt::read(std::string_view text) {
    const auto parts = parts_of(text);
    if (!parts) return std::nullopt;
    const auto header = object_in((*parts)[0]);
    auto claims = object_in((*parts)[1]);
    auto signature = from_base64((*parts)[2]);
    if (!header || !claims || !signature) return std::nullopt;
    const auto root = header->root();
    const auto algorithm = root.find("alg"), key = root.find("kid");
    if (!algorithm.is(value::Kind::text) || algorithm.text().empty()) return std::nullopt;
    if (key && !key.is(value::Kind::text)) return std::nullopt;
    if (!root.find("crit").is(value::Kind::missing)) return std::nullopt;
    return Jwt{std::string(algorithm.text()), std::string(key.text()), *std::move(claims),
               text.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size()), *std::move(signature)};
}

std::optional<value::Document> jwt_claims(std::string_view text) {
    const auto parts = parts_of(text);
    return parts ? object_in((*parts)[1]) : std::nullopt;
}

JwtMoment jwt_moment(value::Node claims, std::string_view claim) {
    const auto written = claims.find(claim);
    if (!written) return {};
    const JwtMoment broken{JwtTime::broken, {}};
    if (!written.is_number()) return broken;
    const auto digits = written.scalar_text();
    const auto seconds = to_integer(std::string_view(digits).substr(0, digits.find('.')));
    if (!seconds || *seconds < 0 || *seconds > kYear9999) return broken;
    return {JwtTime::given, Timestamp(std::chrono::seconds(*seconds))};
}

}  // namespace tributary::connector
