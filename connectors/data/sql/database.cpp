#include "connectors/data/sql/database.hpp"

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

std::string quoted_name(std::string_view identifier) {
    return '"' + replace_all(identifier, "\"", "\"\"") + '"';
}

std::string quoted_table(std::string_view table) {
    std::vector<std::string> parts;
    for (const auto part : split(table, '.')) parts.push_back(quoted_name(part));
    return join(parts, ".");
}

}  // namespace tributary::connectors::sql
