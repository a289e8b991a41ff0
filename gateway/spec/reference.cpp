#include "gateway/spec/reference.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/base/ascii.hpp"

namespace tributary::spec {
namespace {

bool is_name_character(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

bool all(std::string_view text, bool (*holds)(char)) {
    return !text.empty() && std::ranges::all_of(text, holds);
}

constexpr std::size_t kLongest = 256;

Result<Reference> parse_secret(std::string_view body) {
    Reference reference{.scheme = Reference::Scheme::secret};
    if (auto at = body.rfind('@'); at != std::string_view::npos) {
        reference.version = body.substr(at + 1);
        if (!all(reference.version, is_digit))
            return fail(Fault::bad_config, "a secret's version is a number, as in ${secret:name#field@3}");
        body = body.substr(0, at);
    }
    if (auto hash = body.find('#'); hash != std::string_view::npos) {
        reference.field = body.substr(hash + 1);
        if (!all(reference.field, is_name_character))
            return fail(Fault::bad_config, "a secret's field is written ${secret:name#field}");
        body = body.substr(0, hash);
    }
    reference.name = body;
    if (!all(body, [](char c) { return is_name_character(c) || c == '/'; }))
        return fail(Fault::bad_config, "a secret is written ${secret:name} or ${secret:name#field}");
    return reference;
}

Result<Reference> parse_environment(std::string_view body) {
    if (!all(body, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; }) || is_digit(body.front()))
        return fail(Fault::bad_config, "an environment variable is written ${env:NAME}, with letters, digits and _");
    return Reference{.scheme = Reference::Scheme::env, .name = std::string(body)};
}

// `body` stands between the braces.
Result<Reference> parse_reference(std::string_view body) {
    auto colon = body.find(':');
    auto scheme = body.substr(0, colon);
    if (body.size() > kLongest) return fail(Fault::bad_config, "a reference is longer than 256 characters");
    if (scheme == "secret") return parse_secret(body.substr(colon + 1));
    if (scheme == "env") return parse_environment(body.substr(colon + 1));
    return fail(Fault::bad_config, "unknown reference ${" + std::string(scheme) +
                                       ":...}; known are ${secret:name#field} and ${env:NAME}, and $${ is a plain ${");
}

// Whether `text`, which begins with ${, goes on as a reference does: a lower-case word and a colon.
bool begins_reference(std::string_view text) {
    auto word = text.substr(2);
    auto end = std::ranges::find_if_not(word, [](char c) { return is_lower(c) || c == '_'; });
    return end != word.begin() && end != word.end() && *end == ':';
}

}  // namespace

std::string Reference::text() const {
    std::string out = scheme == Scheme::secret ? "${secret:" : "${env:";
    out += name;
    if (!field.empty()) out += "#" + field;
    if (!version.empty()) out += "@" + version;
    return out + "}";
}

Result<Template> Template::parse(std::string_view text) {
    Template made;
    std::string plain;
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            plain += "${";
            text.remove_prefix(3);
        } else if (text.starts_with("${") && begins_reference(text)) {
            auto end = text.find('}');
            if (end == std::string_view::npos) return fail(Fault::bad_config, "a reference has no closing }");
            TRY(auto reference, parse_reference(text.substr(2, end - 2)));
            if (!plain.empty()) made.parts_.emplace_back(std::exchange(plain, {}));
            made.parts_.emplace_back(std::move(reference));
            text.remove_prefix(end + 1);
        } else {
            plain += text.front();
            text.remove_prefix(1);
        }
    }
    if (!plain.empty()) made.parts_.emplace_back(std::move(plain));
    return made;
}

Template Template::literal(std::string text) {
    Template made;
    if (!text.empty()) made.parts_.emplace_back(std::move(text));
    return made;
}

std::vector<Reference> Template::references() const {
    std::vector<Reference> found;
    for (const auto& part : parts_)
        if (const auto* reference = std::get_if<Reference>(&part)) found.push_back(*reference);
    return found;
}

bool Template::has_references() const {
    return !references().empty();
}

bool Template::has_secrets() const {
    return std::ranges::any_of(references(), [](const Reference& r) { return r.scheme == Reference::Scheme::secret; });
}

const Reference* Template::sole() const {
    return parts_.size() == 1 ? std::get_if<Reference>(&parts_.front()) : nullptr;
}

Result<std::string> Template::resolve(const Resolver& resolver) const {
    std::string out;
    for (const auto& part : parts_) {
        if (const auto* plain = std::get_if<std::string>(&part)) {
            out += *plain;
            continue;
        }
        TRY(auto value, resolver.resolve(std::get<Reference>(part)));
        out += value;
    }
    return out;
}

std::optional<Template> parse_template(const Yaml& scalar, Problems& problems) {
    if (scalar.resolved()) return Template::literal(scalar.text());
    auto made = Template::parse(scalar.text());
    if (made) return std::move(*made);
    problems.add(scalar.place(), made.error().what);
    return std::nullopt;
}

class EnvironmentPass {
  public:
    EnvironmentPass(const Resolver& environment, Problems& problems) : environment_(environment), problems_(problems) {}

    void run(Yaml& node) {
        for (auto& child : node.children_) run(child);
        if (!node.is_scalar() || node.resolved_ || !node.text_.contains("${")) return;
        auto made = Template::parse(node.text_);
        if (!made) return problems_.add(node.place(), made.error().what);
        if (made->has_secrets()) return;
        for (const auto& reference : made->references())
            if (auto value = environment_.resolve(reference); !value)
                return problems_.add(node.place(), reference.text() + ": " + value.error().what);
        node.text_ = made->resolve(environment_).value();
        node.quoted_ = node.resolved_ = true;
    }

  private:
    const Resolver& environment_;
    Problems& problems_;
};

Yaml resolve_environment(Yaml tree, const Resolver& environment, Problems& problems) {
    EnvironmentPass(environment, problems).run(tree);
    return tree;
}

}  // namespace tributary::spec
