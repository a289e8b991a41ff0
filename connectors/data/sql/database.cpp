#include "connectors/data/sql/database.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::sql {

Parameter parameter_of(value::Node node) {
    switch (node.kind()) {
        case value::Kind::boolean:
            return node.boolean();
        case value::Kind::integer:
            return node.integer();
        case value::Kind::decimal:
            return Decimal{std::string(node.text())};
        case value::Kind::text:
            return std::string(node.text());
        case value::Kind::object:
        case value::Kind::array:
            return value::to_json(node);
        default:
            return nullptr;
    }
}

std::string Dialect::name(std::string_view identifier) const {
    return quote + replace_all(identifier, std::string(1, quote), std::string(2, quote)) + quote;
}

std::string Dialect::table(std::string_view table) const {
    std::vector<std::string> parts;
    for (const auto part : split(table, '.')) parts.push_back(name(part));
    return join(parts, ".");
}

std::string Dialect::select(std::string_view columns, std::string_view rest, std::size_t rows) const {
    if (limit == Limit::top) return fmt::format("SELECT TOP ({}) {}{}", rows, columns, rest);
    if (limit == Limit::fetch_first) return fmt::format("SELECT {}{} FETCH FIRST {} ROWS ONLY", columns, rest, rows);
    return fmt::format("SELECT {}{} LIMIT {}", columns, rest, rows);
}

}  // namespace tributary::connectors::sql
