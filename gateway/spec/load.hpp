// Loads a described type from a file or a text, reporting every problem of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/spec/alternatives.hpp"
#include "gateway/spec/reference.hpp"

namespace tributary::spec {

// REQUIRES: problems.ok() is asked afterwards: duplicate keys are reported and a value may be given all the same.
template <class T>
std::optional<T> load(const std::string& file, Problems& problems, const Resolver* environment = nullptr) {
    auto yaml = read_yaml(file, problems);
    if (!yaml) return std::nullopt;
    if (environment) yaml = resolve_environment(std::move(*yaml), *environment, problems);
    return type_of<T>().parse(*yaml, problems);
}

template <class T>
std::optional<T> load_text(std::string_view text, std::string file, Problems& problems,
                           const Resolver* environment = nullptr) {
    auto yaml = parse_yaml(text, std::move(file), problems);
    if (!yaml) return std::nullopt;
    if (environment) yaml = resolve_environment(std::move(*yaml), *environment, problems);
    return type_of<T>().parse(*yaml, problems);
}

}  // namespace tributary::spec
