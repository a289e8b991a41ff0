// Field: one field of the canonical model with everything that is known about it. Every field carries a data class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/record/type.hpp"

namespace tributary::record {

struct Field;

// The members of an entity or of an object field, in the model's order. find() hashes: it is on the record path.
class FieldSet {
  public:
    FieldSet();
    explicit FieldSet(std::vector<Field> fields);
    ~FieldSet();
    FieldSet(const FieldSet&);
    FieldSet(FieldSet&&) noexcept;
    FieldSet& operator=(const FieldSet&);
    FieldSet& operator=(FieldSet&&) noexcept;

    // The member of that name, or nullptr.
    const Field* find(std::string_view name) const;
    // Follows a dotted path without indexes: "emails.address", "name.given". nullptr when a part is unknown.
    const Field* at_path(std::string_view path) const;
    const Field* begin() const;
    const Field* end() const;
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    // How many of them a record must hold: required, not set by the gateway, without a default.
    std::size_t required() const { return required_; }

  private:
    std::vector<Field> fields_;
    std::vector<std::uint16_t> slots_;  // open addressing over name; 0 is free, else position + 1
    std::size_t required_ = 0;
};

// Where the values below a field go when a record is split for storage.
enum class Spread : std::uint8_t { clear, personal, mixed };

struct Field {
    std::string name;  // "given"
    std::string path;  // from the entity down, without indexes: "name.given", "lines.sku", "custom.loyalty_level"
    Type type = Type::text;
    bool list = false;  // an array whose elements are of `type`
    bool required = false;
    // The field's own class; for money, phone, email, reference and objects without a mixture it is also its members'.
    // An object whose members differ carries the highest of them.
    DataClass data_class = DataClass::p3_sensitive;
    Spread spread = Spread::personal;
    std::string match_key;            // what identity may match on: "email", "phone", ...; empty for most fields
    std::vector<std::string> values;  // enum: the allowed values
    std::string default_value;        // enum: what holds when a mapping does not set it; the mapping writes it
    std::size_t max_length = 0;       // text and map: in bytes of UTF-8 for map, in code points for text; 0: no limit
    std::size_t max_items = 0;        // lists; 0: no limit
    std::optional<std::pair<std::int64_t, std::int64_t>> range;  // integer and decimal: both ends included
    std::string target;                                          // reference: the entity it points at, empty when any
    bool set_by_gateway = false;                                 // a mapping may not write it: id, source, dq, ...
    FieldSet fields;                                             // members of object, money, phone, email, reference

    // A whole record without a value for it is wrong.
    bool must_be_there() const { return required && !set_by_gateway && default_value.empty(); }
    bool has_members() const { return !fields.empty(); }
};

}  // namespace tributary::record
