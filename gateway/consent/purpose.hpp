// Purposes: the registry of what data may be used for, from purposes.yaml. Immutable after loading.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/spec/problem.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::consent {

enum class Basis {
    consent,
    explicit_consent,
    contract,
    legal_obligation,
    vital_interest,
    public_task,
    legitimate_interest,
    pipl_separate_consent
};

struct Purpose {
    std::string key;  // "marketing.email"; its ancestors are the keys before the dots
    std::string title, description, data_use;
    Basis basis = Basis::consent;
    std::map<std::string, Basis> basis_by_jurisdiction;  // ISO 3166
    bool allow_when_unknown = false;                     // refused at load for consent bases
    std::vector<std::string> channels;
    bool needs_double_opt_in = false;
    std::optional<Milliseconds> expires_after;
    bool accepts_import = false;
    bool third_party = false;
    bool marketing = false;  // suppression lists and objections apply
};

class PurposeRegistry {
  public:
    PurposeRegistry() = default;
    explicit PurposeRegistry(std::vector<Purpose> purposes);
    const Purpose* find(std::string_view key) const;  // nullptr when unknown
    const std::vector<Purpose>& all() const { return purposes_; }

  private:
    std::vector<Purpose> purposes_;  // by key
};

PurposeRegistry parse_purposes(const spec::Yaml& yaml, spec::Problems& problems);

}  // namespace tributary::consent
