#include "gateway/spec/yaml.hpp"

#include <algorithm>

#include "gateway/value/number.hpp"

namespace tributary::spec {

std::string_view name_of(Yaml::Kind kind) {
    switch (kind) {
        case Yaml::Kind::null:
            return "nothing";
        case Yaml::Kind::scalar:
            return "a single value";
        case Yaml::Kind::sequence:
            return "a list";
        case Yaml::Kind::map:
            return "a map";
    }
    return "nothing";
}

std::optional<bool> Yaml::boolean() const {
    if (!is_scalar() || quoted_) return std::nullopt;
    if (text_ == "true" || text_ == "True" || text_ == "TRUE") return true;
    if (text_ == "false" || text_ == "False" || text_ == "FALSE") return false;
    return std::nullopt;
}

bool Yaml::is_number() const {
    return is_scalar() && !quoted_ && value::is_json_number(text_);
}

std::optional<std::int64_t> Yaml::integer() const {
    if (!is_number()) return std::nullopt;
    return value::exact_integer(text_);
}

const Yaml* Yaml::find(std::string_view key) const {
    if (!is_map()) return nullptr;
    auto found = std::ranges::find_if(children_, [key](const Yaml& child) { return child.key_ == key; });
    return found == children_.end() ? nullptr : &*found;
}

namespace {

void write(const Yaml& yaml, value::Builder& out) {
    switch (yaml.kind()) {
        case Yaml::Kind::null:
            out.null();
            return;
        case Yaml::Kind::scalar:
            if (auto flag = yaml.boolean())
                out.boolean(*flag);
            else if (yaml.is_number())
                out.number(yaml.text());
            else
                out.text(yaml.text());
            return;
        case Yaml::Kind::sequence:
            out.begin_array();
            break;
        case Yaml::Kind::map:
            out.begin_object();
            break;
    }
    for (const auto& child : yaml.children()) {
        if (yaml.is_map()) out.key(child.key());
        write(child, out);
    }
    out.end();
}

}  // namespace

value::Document to_document(const Yaml& yaml) {
    value::Builder out;
    write(yaml, out);
    return out.take();
}

}  // namespace tributary::spec
