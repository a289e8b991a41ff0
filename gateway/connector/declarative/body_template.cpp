#include <fmt/format.h>

#include <algorithm>

#include "gateway/connector/declarative/template.hpp"

namespace tributary::connector {

std::optional<BodyTemplate> BodyTemplate::compile(const spec::Yaml& tree, spec::Problems& problems) {
    auto root = compile_cell(tree, problems);
    if (!root) return std::nullopt;
    BodyTemplate out;
    out.root_ = *std::move(root);
    return out;
}

std::optional<BodyTemplate::Cell> BodyTemplate::compile_cell(const spec::Yaml& node, spec::Problems& problems) {
    Cell cell;
    cell.key = node.key();
    if (cell.key.contains('{')) {
        auto key = Template::compile(cell.key);
        if (!key) {
            problems.add(node.key_place(), key.error().what);
            return std::nullopt;
        }
        cell.key_text = *std::move(key);
    }
    if (node.is_map() && node.find("$each")) return compile_each(std::move(cell), node, problems);
    if (node.is_sequence() || node.is_map()) {
        cell.kind = node.is_map() ? value::Kind::object : value::Kind::array;
        for (const auto& child : node.children())
            if (auto compiled = compile_cell(child, problems)) cell.children.push_back(*std::move(compiled));
        if (cell.children.size() != node.size()) return std::nullopt;
    } else if (const auto boolean = node.boolean()) {
        cell.kind = value::Kind::boolean;
        cell.boolean = *boolean;
    } else if (node.is_number()) {
        cell.kind = value::Kind::decimal;
        cell.digits = node.text();
    } else if (node.is_scalar()) {
        cell.kind = value::Kind::text;
        auto text = spec::type_of<Template>().parse(node, problems);
        if (!text) return std::nullopt;
        cell.text = *std::move(text);
    }
    return cell;
}

std::optional<BodyTemplate::Cell> BodyTemplate::compile_each(Cell cell, const spec::Yaml& node,
                                                             spec::Problems& problems) {
    const auto each = node.find("$each"), body = node.find("$body");
    if (node.size() != 2 || !each->is_scalar() || !body) {
        problems.add(node.place(), "a repeated body is { $each: NAME_OF_A_LIST, $body: {...} } and nothing else");
        return std::nullopt;
    }
    auto repeated = compile_cell(*body, problems);
    if (!repeated) return std::nullopt;
    cell.kind = value::Kind::array;
    cell.each = each->text();
    cell.children.push_back(*std::move(repeated));
    return cell;
}

void BodyTemplate::check(const Names& names, spec::Problems& problems) const {
    check_cell(root_, names, problems);
}

void BodyTemplate::check_cell(const Cell& cell, const Names& names, spec::Problems& problems) {
    cell.key_text.check(names, problems);
    cell.text.check(names, problems);
    auto inside = names;
    if (!cell.each.empty()) {
        if (const auto objection = names.objection(cell.each)) problems.add({}, "$each: " + *objection);
        inside.any("item");
    }
    for (const auto& child : cell.children) check_cell(child, inside, problems);
}

const spec::Type<BodyTemplate>& describe(spec::Tag<BodyTemplate>) {
    static const spec::Type<BodyTemplate> type(spec::Shape{.kind = spec::Shape::Kind::anything, .name = "body"},
                                               &BodyTemplate::compile);
    return type;
}

Result<value::Document> BodyTemplate::render(const Scope& scope) const {
    value::Builder out;
    TRY(const bool written, render_cell(root_, scope, out, false));
    if (!written) out.null();
    return out.take();
}

Result<bool> BodyTemplate::render_each(const Cell& cell, const Scope& scope, value::Builder& out) {
    TRY(const auto list, scope.find(cell.each));
    if (!list.node.is(value::Kind::array)) return fail(Fault::bad_input, fmt::format("'{}' is no list", cell.each));
    out.begin_array();
    auto inside = scope;
    for (const auto element : list.node) {
        inside.bind("item", element);
        TRY(const bool written, render_cell(cell.children.front(), inside, out, false));
        std::ignore = written;
    }
    out.end();
    return true;
}

Result<bool> BodyTemplate::render_cell(const Cell& cell, const Scope& scope, value::Builder& out, bool keyed) {
    std::string key = cell.key;
    if (keyed && !cell.key_text.empty()) {
        TRY(key, cell.key_text.render_required(scope));
    }
    if (cell.kind == value::Kind::text)
        return cell.text.build(scope, out, keyed ? std::optional<std::string_view>(key) : std::nullopt);
    if (keyed) out.key(key);
    if (!cell.each.empty()) return render_each(cell, scope, out);
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
    return (!cell.each.empty() && cell.each.substr(0, cell.each.find('.')) == root) || cell.text.uses(root) ||
           cell.key_text.uses(root) ||
           std::ranges::any_of(cell.children, [&](const Cell& child) { return cell_uses(child, root); });
}

bool BodyTemplate::uses(std::string_view root) const {
    return cell_uses(root_, root);
}

}  // namespace tributary::connector
