#include <algorithm>

#include "gateway/connector/declarative/paginate.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connector {

void PageState::write(value::Builder& out) const {
    out.begin_object().key("position").integer(position).key("token").text(token);
    out.key("pages").integer(pages).key("records").integer(records);
    if (total) out.key("total").integer(*total);
    out.key("print").text(print).key("empty").integer(empty);
    out.key("mark").text(mark).key("steps").integer(steps).key("power").integer(power).end();
}

PageState PageState::read(value::Node node) {
    PageState state;
    state.position = node.find("position").integer();
    state.token = node.find("token").text();
    state.pages = node.find("pages").integer();
    state.records = node.find("records").integer();
    if (const auto total = node.find("total")) state.total = total.integer();
    state.print = node.find("print").text();
    state.empty = node.find("empty").integer();
    state.mark = node.find("mark").text();
    state.steps = node.find("steps").integer();
    state.power = std::max<std::int64_t>(1, node.find("power").integer());
    return state;
}

Names& Pager::names(Names& names) {
    return names.only("page", {"number", "offset", "token", "after", "size"});
}

void Pager::bind(const PageState& state, Scope& scope, value::Document& kept) const {
    value::Builder out;
    out.begin_object();
    if (pages_.size) out.key("size").integer(*pages_.size);
    if (std::holds_alternative<PageNumber>(pages_.style)) out.key("number").integer(state.position);
    if (std::holds_alternative<PageOffset>(pages_.style)) out.key("offset").integer(state.position);
    if (std::holds_alternative<PageToken>(pages_.style) && !state.token.empty()) out.key("token").text(state.token);
    if (const auto* keyset = std::get_if<Keyset>(&pages_.style); keyset && !state.token.empty()) {
        // A key that is a number stays one, for bodies.
        out.key("after");
        if (value::is_json_number(state.token) && value::exact_integer(state.token))
            out.number(state.token);
        else
            out.text(state.token);
    }
    out.end();
    kept = out.take();
    scope.bind("page", kept.root());
}

void Pager::apply(const PageState& state, Draft& draft) const {
    const auto set = [&](const std::string& parameter, std::string value) {
        if (!parameter.empty()) draft.set_query(parameter, std::move(value));
    };
    const auto set_size = [&](const std::string& parameter) {
        if (pages_.size) set(parameter, std::to_string(*pages_.size));
    };
    if (std::holds_alternative<NextUrl>(pages_.style) && !state.token.empty()) {
        // Followed verbatim: filters are inside it already.
        draft.url = state.token;
        draft.query.clear();
    } else if (const auto* number = std::get_if<PageNumber>(&pages_.style)) {
        set(number->parameter, std::to_string(state.position));
        set_size(number->size_parameter);
    } else if (const auto* offset = std::get_if<PageOffset>(&pages_.style)) {
        set(offset->parameter, std::to_string(state.position));
        set_size(offset->size_parameter);
    } else if (const auto* token = std::get_if<PageToken>(&pages_.style)) {
        if (!state.token.empty()) set(token->parameter, state.token);
        set_size(token->size_parameter);
    } else if (const auto* keyset = std::get_if<Keyset>(&pages_.style)) {
        if (!state.token.empty()) set(keyset->parameter, state.token);
        set_size(keyset->size_parameter);
    }
}

}  // namespace tributary::connector
