// Purposes: why data may be used, from purposes.yaml. A dotted key has ancestors: whoever objects to `marketing`
// objects to `marketing.email`; a grant counts only for the purpose that it names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/consent/terms.hpp"
#include "gateway/spec/object.hpp"

namespace tributary::consent {

struct Purpose {
    std::string key;  // "marketing.email"
    std::string title;
    std::string description;
    std::string data_use;  // fideslang, such as marketing.communications.email
    std::string dpv;       // the DPV term, such as DirectMarketing
    Basis lawful_basis = Basis::consent;
    std::map<std::string, Basis> basis_in;  // by ISO 3166 jurisdiction, where it differs
    bool allow_when_unknown = false;
    std::vector<Channel> channels;  // empty: every channel
    bool needs_doi = false;
    std::optional<Milliseconds> expiry;     // without activity
    std::optional<std::string> assessment;  // where the legitimate interest assessment is filed
    bool accepts_import = false;
    bool sensitive_requires_explicit = true;
    bool direct_marketing = false;
    bool profiling = false;
    bool third_party = false;
    bool allowed_when_restricted = false;
    std::vector<std::string> superseded_notices;  // notice versions under which a grant no longer counts

    // Where a region such as US-CA is not named, its country counts.
    Basis basis(std::string_view jurisdiction) const;
    // Whether it takes this channel; `any` stands for all of them.
    bool takes(Channel channel) const;
};

// Whether `ancestor` is `key` or one of the keys above it: "marketing" is above "marketing.email".
bool is_same_or_ancestor(std::string_view ancestor, std::string_view key);

// Immutable; safe from several threads.
class PurposeRegistry {
  public:
    PurposeRegistry() = default;  // knows no purpose: every decision is hold
    // REQUIRES: keys are unique.
    explicit PurposeRegistry(std::vector<Purpose> purposes) : purposes_(std::move(purposes)) {}
    static std::optional<PurposeRegistry> load(const std::string& file, spec::Problems& problems);

    const Purpose* find(std::string_view key) const;
    const std::vector<Purpose>& all() const { return purposes_; }
    std::vector<std::string> keys() const;
    // A purpose, or a key above one: what an event may name.
    bool covers(std::string_view key) const;

  private:
    std::vector<Purpose> purposes_;
};

// The whole of purposes.yaml.
const spec::Type<PurposeRegistry>& describe(spec::Tag<PurposeRegistry>);

}  // namespace tributary::consent
