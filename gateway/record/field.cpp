#include "gateway/record/field.hpp"

#include <bit>

namespace tributary::record {

namespace {

// Field names are short and differ early, at the end or in length.
std::size_t slot_of(std::string_view name, std::size_t mask) {
    if (name.empty()) return 0;
    const auto first = static_cast<unsigned char>(name.front());
    const auto middle = static_cast<unsigned char>(name[name.size() / 2]);
    const auto last = static_cast<unsigned char>(name.back());
    return (name.size() * 131 + first * 31 + middle * 17 + last * 7) & mask;
}

}  // namespace

FieldSet::FieldSet() = default;
FieldSet::~FieldSet() = default;
FieldSet::FieldSet(const FieldSet&) = default;
FieldSet::FieldSet(FieldSet&&) noexcept = default;
FieldSet& FieldSet::operator=(const FieldSet&) = default;
FieldSet& FieldSet::operator=(FieldSet&&) noexcept = default;

FieldSet::FieldSet(std::vector<Field> fields) : fields_(std::move(fields)) {
    if (fields_.empty()) return;
    slots_.assign(std::bit_ceil(fields_.size() * 4), 0);
    const auto mask = slots_.size() - 1;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        auto slot = slot_of(fields_[i].name, mask);
        while (slots_[slot] != 0) slot = (slot + 1) & mask;
        slots_[slot] = static_cast<std::uint16_t>(i + 1);
        required_ += fields_[i].must_be_there();
    }
}

const Field* FieldSet::find(std::string_view name) const {
    if (slots_.empty()) return nullptr;
    const auto mask = slots_.size() - 1;
    for (auto slot = slot_of(name, mask); slots_[slot] != 0; slot = (slot + 1) & mask) {
        const auto& field = fields_[slots_[slot] - 1u];
        if (field.name == name) return &field;
    }
    return nullptr;
}

const Field* FieldSet::at_path(std::string_view path) const {
    const FieldSet* members = this;
    while (true) {
        const auto dot = path.find('.');
        const Field* field = members->find(path.substr(0, dot));
        if (!field || dot == std::string_view::npos) return field;
        members = &field->fields;
        path.remove_prefix(dot + 1);
    }
}

const Field* FieldSet::begin() const {
    return fields_.data();
}
const Field* FieldSet::end() const {
    return fields_.data() + fields_.size();
}
std::size_t FieldSet::size() const {
    return fields_.size();
}

}  // namespace tributary::record
