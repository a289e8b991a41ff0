#include "gateway/connector/declarative/scope.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <vector>

#include "gateway/base/text.hpp"

namespace tributary::connector {
namespace {

std::pair<std::string_view, std::string_view> split_root(std::string_view name) {
    const auto dot = name.find_first_of(".[");
    if (dot == std::string_view::npos) return {name, {}};
    return {name.substr(0, dot), name[dot] == '.' ? name.substr(dot + 1) : name.substr(dot)};
}

}  // namespace

Names& Names::any(std::string_view root) {
    roots_.insert_or_assign(std::string(root), std::nullopt);
    return *this;
}

Names& Names::only(std::string_view root, std::set<std::string, std::less<>> fields) {
    roots_.insert_or_assign(std::string(root), std::move(fields));
    return *this;
}

std::optional<std::string> Names::objection(std::string_view name) const {
    const auto [root, rest] = split_root(name);
    const auto found = roots_.find(root);
    if (found == roots_.end()) {
        std::vector<std::string> known;
        for (const auto& [each, _] : roots_) known.push_back(each);
        const auto near = nearest(root, known);
        return fmt::format("unknown name '{}'; {}", root,
                           near ? "did you mean '" + *near + "'?" : "here may stand: " + join(known, ", "));
    }
    if (!found->second) return std::nullopt;
    const auto field = split_root(rest).first;
    if (found->second->contains(field)) return std::nullopt;
    const std::vector<std::string> known(found->second->begin(), found->second->end());
    const auto near = nearest(field, known);
    if (near) return fmt::format("unknown name '{}.{}'; did you mean '{}.{}'?", root, field, root, *near);
    return fmt::format("unknown name '{}.{}'; {} has {}", root, field, root,
                       known.empty() ? "no fields here" : join(known, ", "));
}

Scope& Scope::bind(std::string_view root, value::Node node) {
    roots_.insert_or_assign(std::string(root), Binding{node, std::nullopt, {}});
    return *this;
}

Scope& Scope::bind(std::string_view root, std::string text) {
    roots_.insert_or_assign(std::string(root), Binding{{}, std::move(text), {}});
    return *this;
}

Scope& Scope::bind(std::string_view root, Lookup lookup) {
    roots_.insert_or_assign(std::string(root), Binding{{}, std::nullopt, std::move(lookup)});
    return *this;
}

Scope& Scope::unbind(std::string_view root) {
    if (const auto found = roots_.find(root); found != roots_.end()) roots_.erase(found);
    return *this;
}

Scope& Scope::bind_now(Timestamp now) {
    return bind("now", [now](std::string_view rest) -> Result<std::optional<std::string>> {
        const auto ms = now.time_since_epoch().count();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
        if (rest == "unix") return std::to_string(seconds.time_since_epoch().count());
        if (rest == "unix_ms") return std::to_string(ms);
        if (rest == "date") return fmt::format("{:%Y-%m-%d}", seconds);
        if (rest.empty()) return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", seconds, (now - seconds).count());
        return std::nullopt;
    });
}

Result<Scope::Found> Scope::find(std::string_view name) const {
    const auto [root, rest] = split_root(name);
    const auto found = roots_.find(root);
    if (found == roots_.end()) return Found{};
    const Binding& binding = found->second;
    if (binding.lookup) {
        TRY(auto text, binding.lookup(rest));
        return Found{{}, std::move(text)};
    }
    if (binding.text) return rest.empty() ? Found{{}, binding.text} : Found{};
    return Found{rest.empty() ? binding.node : binding.node.at_path(rest), std::nullopt};
}

}  // namespace tributary::connector
