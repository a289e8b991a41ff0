#include "gateway/connector/declarative/match.hpp"

#include <algorithm>

namespace tributary::connector {

Result<value::Node> first_match(value::Node list, const Match& match, const Scope& scope) {
    std::vector<std::pair<std::string_view, std::string>> wanted;
    for (const auto& [path, text] : match) {
        TRY(auto rendered, text.render(scope));
        wanted.emplace_back(path, rendered ? *std::move(rendered) : std::string());
    }
    for (const auto each : list)
        if (std::ranges::all_of(
                wanted, [&](const auto& want) { return find_in(each, want.first).scalar_text() == want.second; }))
            return each;
    return value::Node();
}

}  // namespace tributary::connector
