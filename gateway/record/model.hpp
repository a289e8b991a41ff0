// Model: the canonical entities with all their fields, read from mappings/canonical/*.yaml plus the user's custom
// fields. Immutable after loading: share it by reference between threads. Pointers to Entity and Field live as long as
// the Model.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/record/field.hpp"

namespace tributary::record {

struct Entity {
    std::string name;   // "contact"
    std::string about;  // one sentence for the reference
    FieldSet fields;    // the entity's own fields, then the envelope (source, tags, ext, ...), then `custom`
    // A record must hold a value in at least one of these paths; empty: no such rule.
    std::vector<std::string> require_any;
    bool subject = false;       // its records are about a person or a customer: consent and sealing keys hang on it
    bool payment_data = false;  // card and account numbers in any of its texts are refused

    // The field that a mapping's `link` writes: "contact" finds contact_ref; a full name works as well. Else nullptr.
    const Field* link(std::string_view target) const;
};

class Model {
  public:
    Model() = default;
    explicit Model(std::vector<Entity> entities);

    const Entity* entity(std::string_view name) const;  // nullptr when there is none
    std::span<const Entity> entities() const { return entities_; }
    std::vector<std::string> entity_names() const;

  private:
    std::vector<Entity> entities_;  // by name
};

}  // namespace tributary::record
