// Sight: a record as somebody may see it, by the class of each field: as it is, as "***" (it shows that there is a
// value), or left out.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "gateway/record/model.hpp"
#include "gateway/record/type.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

constexpr std::string_view kMasked = "***";

enum class Sight : std::uint8_t { hidden, masked, shown };
std::string_view name_of(Sight sight);

// By class.
struct Sights {
    std::array<Sight, 4> of_class{};  // all hidden
    Sight of(DataClass data_class) const { return of_class[static_cast<std::size_t>(data_class)]; }
    Sight& of(DataClass data_class) { return of_class[static_cast<std::size_t>(data_class)]; }
};

// Fields that the model does not know count as personal. Objects and list elements of which nothing is left are left
// out whole.
value::Document seen(const Entity& entity, value::Node record, const Sights& sights);
// Of a record whose fields have no class: every scalar.
value::Document mask_all(value::Node node);

}  // namespace tributary::record
