#include <fmt/format.h>

#include <algorithm>

#include "gateway/connector/declarative/template.hpp"

namespace tributary::connector {

Result<BodyTemplate> BodyTemplate::compile(value::Node tree, const Names& names) {
    BodyTemplate out;
    TRY(out.root_, compile_cell(tree, names));
    return out;
}

Result<BodyTemplate::Cell> BodyTemplate::compile_cell(value::Node node, const Names& names) {
    Cell cell;
    cell.kind = node.kind();
    cell.key = std::string(node.key());
    switch (node.kind()) {
        case value::Kind::text: {
            TRY(cell.text, Template::compile(node.text(), names));
            break;
        }
        case value::Kind::integer:
        case value::Kind::decimal:
            cell.digits = node.scalar_text();
            break;
        case value::Kind::boolean:
            cell.boolean = node.boolean();
            break;
        case value::Kind::array:
        case value::Kind::object: {
            std::size_t index = 0;
            for (const auto child : node) {
                auto compiled = compile_cell(child, names);
                if (!compiled)
                    return pass(std::move(compiled),
                                child.key().empty() ? fmt::format("[{}]", index) : std::string(child.key()));
                cell.children.push_back(*std::move(compiled));
                ++index;
            }
            break;
        }
        case value::Kind::missing:
        case value::Kind::null:
            cell.kind = value::Kind::null;
            break;
    }
    return cell;
}

Result<value::Document> BodyTemplate::render(const Scope& scope) const {
    value::Builder out;
    TRY(const bool written, render_cell(root_, scope, out, false));
    if (!written) out.null();
    return out.take();
}

Result<bool> BodyTemplate::render_cell(const Cell& cell, const Scope& scope, value::Builder& out, bool keyed) {
    if (cell.kind == value::Kind::text) {
        return cell.text.build(scope, out, keyed ? std::optional<std::string_view>(cell.key) : std::nullopt);
    }
    if (keyed) out.key(cell.key);
    switch (cell.kind) {
        case value::Kind::integer:
        case value::Kind::decimal:
            out.number(cell.digits);
            break;
        case value::Kind::boolean:
            out.boolean(cell.boolean);
            break;
        case value::Kind::array:
        case value::Kind::object: {
            const bool object = cell.kind == value::Kind::object;
            object ? out.begin_object() : out.begin_array();
            for (const auto& child : cell.children) {
                TRY(const bool written, render_cell(child, scope, out, object));
                std::ignore = written;  // a member or element without a value is left out
            }
            out.end();
            break;
        }
        default:
            out.null();
            break;
    }
    return true;
}

bool BodyTemplate::cell_uses(const Cell& cell, std::string_view root) {
    return cell.text.uses(root) ||
           std::ranges::any_of(cell.children, [&](const Cell& child) { return cell_uses(child, root); });
}

bool BodyTemplate::uses(std::string_view root) const {
    return cell_uses(root_, root);
}

}  // namespace tributary::connector
