// Filters of lists.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/connector/declarative/filter_kinds.hpp"

namespace tributary::connector::filters {
namespace {

Result<Found> need_list(const Filter& filter, const Found& value) {
    if (!value.text && value.node.is(value::Kind::array)) return value;
    return fail(Fault::bad_input, fmt::format("filter '{}' needs a list", filter.name));
}

// "type" compares the same field on both sides, "value=value_compact" two of different names.
bool same(value::Node a, value::Node b, const std::string& fields) {
    const auto equals = fields.find('=');
    const auto left = fields.substr(0, equals);
    const auto right = equals == std::string::npos ? left : fields.substr(equals + 1);
    return a.at_path(left).scalar_text() == b.at_path(right).scalar_text();
}

// Each element, which must be an object, with one member replaced, added, or left out when `write` says so.
template <class Write>
Result<void> copy_with(value::Node list, const std::string& field, value::Builder& out, Write write) {
    for (const auto each : list) {
        if (!each.is(value::Kind::object)) return fail(Fault::bad_input, "a list of objects is needed");
        out.begin_object();
        for (const auto member : each)
            if (member.key() != field) out.key(member.key()).copy(member);
        write(each);
        out.end();
    }
    return {};
}

Result<void> related(const Filter& filter, value::Node list, const Scope& scope, value::Builder& out) {
    const auto& arguments = filter.arguments;
    TRY(const auto table, scope.find(arguments[1]));
    return copy_with(list, arguments[0], out, [&](value::Node each) {
        const auto wanted = each.at_path(arguments[0]).scalar_text();
        const auto row = std::ranges::find_if(table.node, [&](value::Node r) {
            return !wanted.empty() && r.at_path(arguments[2]).scalar_text() == wanted;
        });
        if (row != table.node.end()) out.key(arguments[0]).copy((*row).at_path(arguments[3]));
    });
}

}  // namespace

Result<Found> on_list(const Filter& filter, const Found& value, const Scope& scope, value::Document& kept) {
    TRY(const auto list, need_list(filter, value));
    const auto& arguments = filter.arguments;
    if (filter.name == "first") return Found{list.node.at(0), std::nullopt};
    value::Builder out;
    out.begin_array();
    if (filter.name == "pluck") {
        for (const auto each : list.node) out.copy(each.at_path(arguments[0]));
    } else if (filter.name == "wrap") {
        for (const auto each : list.node) out.begin_array().text(arguments[0]).copy(each).end();
    } else if (filter.name == "objects") {
        for (const auto each : list.node) out.begin_object().key(arguments[0]).copy(each).end();
    } else if (filter.name == "where") {
        for (const auto each : list.node)
            if (each.at_path(arguments[0]).scalar_text() == arguments[1]) out.copy(each);
    } else if (filter.name == "set") {
        CHECK_OK(
            copy_with(list.node, arguments[0], out, [&](value::Node) { out.key(arguments[0]).text(arguments[1]); }));
    } else if (filter.name == "relate") {
        CHECK_OK(related(filter, list.node, scope, out));
    } else {
        TRY(const auto other, scope.find(arguments[0]));
        const auto found_in_other = [&](value::Node each) {
            return std::ranges::any_of(other.node, [&](value::Node o) {
                return std::all_of(arguments.begin() + 1, arguments.end(),
                                   [&](const std::string& fields) { return same(each, o, fields); });
            });
        };
        for (const auto each : list.node)
            if (!found_in_other(each)) out.copy(each);
    }
    out.end();
    return made(out, kept);
}

}  // namespace tributary::connector::filters
