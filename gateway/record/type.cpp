#include "gateway/record/type.hpp"

#include <array>

namespace tributary::record {

namespace {

constexpr std::array<std::string_view, 24> kTypes = {
    "text",    "timestamp", "date",  "partial_date", "country", "region",    "currency", "money",
    "decimal", "phone",     "email", "lang",         "tz",      "uid",       "url",      "boolean",
    "integer", "enum",      "gtin",  "resident_id",  "uscc",    "reference", "object",   "map"};
constexpr std::array<std::string_view, 4> kClasses = {"P0", "P1", "P2", "P3"};

}  // namespace

std::string_view name_of(Type type) {
    return kTypes[static_cast<std::size_t>(type)];
}

std::optional<Type> type_named(std::string_view name) {
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        if (kTypes[i] == name) return static_cast<Type>(i);
    return std::nullopt;
}

std::vector<std::string> type_names() {
    return {kTypes.begin(), kTypes.end()};
}

std::string_view name_of(DataClass data_class) {
    return kClasses[static_cast<std::size_t>(data_class)];
}

std::optional<DataClass> data_class_named(std::string_view name) {
    for (std::size_t i = 0; i < kClasses.size(); ++i)
        if (kClasses[i] == name) return static_cast<DataClass>(i);
    return std::nullopt;
}

}  // namespace tributary::record
