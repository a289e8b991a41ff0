// How the files of the canonical model are written in YAML; load_model makes a Model of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/spec/load.hpp"

namespace tributary::record {

struct FieldFile {
    spec::Placed<std::string> type;
    bool list = false;
    bool required = false;
    std::string data_class;  // empty: as the field around it
    std::string key;
    std::vector<std::string> values;
    std::string default_value;
    std::int64_t max = 0;
    std::int64_t max_items = 0;
    std::vector<std::int64_t> range;  // empty, or the two ends
    spec::Placed<std::string> to;
    bool gateway = false;
    std::vector<spec::Named<FieldFile>> fields;
    spec::Place place;
};
const spec::Type<FieldFile>& describe(spec::Tag<FieldFile>);

// Exactly one of entity, type and envelope is given.
struct EntityFile {
    std::string entity;
    std::string type;
    bool envelope = false;
    std::string about;
    bool subject = false;
    bool payment_data = false;
    std::vector<spec::Placed<std::string>> require_any;
    std::vector<spec::Named<FieldFile>> fields;
    spec::Place place;
};
const spec::Type<EntityFile>& describe(spec::Tag<EntityFile>);

// Entity name to its custom fields.
struct CustomFile {
    std::map<std::string, std::vector<spec::Named<FieldFile>>> custom;
};
const spec::Type<CustomFile>& describe(spec::Tag<CustomFile>);

}  // namespace tributary::record
