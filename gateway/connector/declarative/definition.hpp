// Definition: all that a connector.yaml says about talking to a system. The `http` connector reads one out of a
// connection's own settings.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/connector/capabilities.hpp"
#include "gateway/connector/declarative/action.hpp"
#include "gateway/connector/declarative/auth.hpp"
#include "gateway/connector/declarative/budget_rule.hpp"
#include "gateway/connector/declarative/stream.hpp"
#include "gateway/connector/declarative/webhooks.hpp"
#include "gateway/connector/description.hpp"
#include "gateway/run/rate_budget.hpp"

namespace tributary::connector {

struct Defaults {
    Texts headers;
    Texts query;
    std::optional<Milliseconds> timeout;
    std::optional<std::uint64_t> max_answer;
};
const spec::Type<Defaults>& describe(spec::Tag<Defaults>);

using CredentialNames = std::set<std::string, std::less<>>;

struct Definition {
    Template base_url;
    std::vector<Template> allowed_hosts;  // none: the host of base_url
    std::vector<Template> public_hosts;   // asked by anonymous requests alone
    Auth auth;
    std::optional<BudgetRule> budget;
    ErrorRules errors;
    AnswerForm answer;
    Defaults defaults;
    std::optional<RequestTemplate> check;
    std::vector<spec::Named<StreamRule>> streams;
    std::vector<spec::Named<ActionRule>> actions;
    Capabilities capabilities;
    std::optional<Webhooks> webhooks;
    spec::Place place;

    const StreamRule* stream(std::string_view name) const;
    const ActionRule* action(std::string_view name) const;
    // Every name in every template, and what only the whole can tell (a topic's stream that does not exist).
    // Without `about` (an inline definition) any setting may be named, and any credential unless `given` says which the
    // connection has.
    void check_all(const Description* about, spec::Problems& problems, const CredentialNames* given = nullptr) const;
};
const spec::Type<Definition>& describe(spec::Tag<Definition>);

// A whole connector.yaml.
struct ConnectorFile : Definition {
    Description about;
    bool built_in = false;        // `engine: built_in`: its roles come from C++
    std::string definition_from;  // the setting that holds the definition
};
const spec::Type<ConnectorFile>& describe(spec::Tag<ConnectorFile>);

}  // namespace tributary::connector
