// References in string leaves: ${secret:name#field}, ${secret:name#field@3} and ${env:NAME}; $${ stands for a plain ${.
// YAML is parsed first and references afterwards, so a value can never change the structure of a file.
// A reference may be printed, what it resolves to never.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::spec {

struct Reference {
    enum class Scheme { secret, env };
    Scheme scheme = Scheme::env;
    std::string name;     // of the secret (may hold slashes) or of the environment variable
    std::string field;    // secrets only; empty: the whole secret
    std::string version;  // secrets only, digits; empty: the current one

    std::string text() const;  // "${secret:pg#dsn}"
    friend bool operator==(const Reference&, const Reference&) = default;
};

// Supplied by app: the vault for secrets, the process environment for the rest.
class Resolver {
  public:
    virtual ~Resolver() = default;
    // not_found names the reference.
    virtual Result<std::string> resolve(const Reference& reference) const = 0;
};

// A text with references in it, not yet resolved.
class Template {
  public:
    Template() = default;
    // Fault::bad_config on an unknown scheme, a bad name or a missing brace.
    static Result<Template> parse(std::string_view text);
    // Taken as it is: no reference is looked for.
    static Template literal(std::string text);

    bool has_references() const;
    bool has_secrets() const;
    std::vector<Reference> references() const;
    // The one reference that is the whole text, else nullptr.
    const Reference* sole() const;
    Result<std::string> resolve(const Resolver& resolver) const;
    friend bool operator==(const Template&, const Template&) = default;

  private:
    std::vector<std::variant<std::string, Reference>> parts_;
};

// The template of a scalar; honours leaves that the environment pass has resolved. Problems get grammar errors.
std::optional<Template> parse_template(const Yaml& scalar, Problems& problems);

// Replaces every leaf whose references are all ${env:...}; leaves with secrets stay for later. An unset variable is a
// problem.
Yaml resolve_environment(Yaml tree, const Resolver& environment, Problems& problems);

}  // namespace tributary::spec
