// People for identity tests, from YAML: a list of { id: 1, connection: erp, key: "7", trusted: true, space: acme,
// at: RFC 3339, deleted: true, contact: {...} }. `id` n becomes the uid that ends in n.
#pragma once

#include <memory>
#include <vector>

#include "gateway/identity/resolve.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::identity {

Uid uid(unsigned n);
unsigned number_of(const Uid& uid);

// Documents are kept alive here; moving the crowd leaves the people valid.
struct Crowd {
    std::vector<std::unique_ptr<value::Document>> documents;
    std::vector<Person> people;

    void add(const spec::Yaml& yaml);
    void add(unsigned id, std::string connection, std::string key, std::string_view contact_json);
};

Crowd read_crowd(const spec::Yaml& list);

}  // namespace tributary::identity
