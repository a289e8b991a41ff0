#include "gateway/connector/declarative/template.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector {
namespace {

bool is_nothing(const Scope::Found& found) {
    return !found.text && !found.node;
}

Result<std::string> encode(std::string text, Place place) {
    switch (place) {
        case Place::text:
            return text;
        case Place::query:
            return value::percent_encode(text);
        case Place::path:
            if (text == "." || text == "..") return fail(Fault::bad_input, "a value in a path must not be '.' or '..'");
            return value::percent_encode(text);
        case Place::header:
            if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
                return fail(Fault::bad_input, "a header value must not hold a line break or NUL");
            return text;
    }
    return text;
}

// Where a name in braces ends: the first '}' outside of parentheses.
std::size_t closing_brace(std::string_view text, std::size_t from) {
    int depth = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')') --depth;
        if (text[i] == '}' && depth <= 0) return i;
    }
    return std::string_view::npos;
}

std::vector<std::string_view> split_filters(std::string_view text) {
    std::vector<std::string_view> out;
    int depth = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')') --depth;
        if (text[i] == '|' && depth == 0) out.push_back(text.substr(start, i - start)), start = i + 1;
    }
    out.push_back(text.substr(start));
    return out;
}

}  // namespace

Result<Template::Piece> Template::compile_piece(std::string_view inside) {
    Piece piece;
    const auto parts = split_filters(inside);
    auto name = trim(parts[0]);
    if (name.ends_with('?')) piece.optional = true, name.remove_suffix(1);
    if (name.empty()) return fail(Fault::bad_config, "empty braces; write {{ for a literal brace");
    piece.name = std::string(name);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        TRY(auto filter, parse_filter(parts[i]));
        piece.filters.push_back(std::move(filter));
    }
    return piece;
}

Result<Template> Template::compile(std::string_view text) {
    Template out;
    out.source_ = std::string(text);
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty()) out.pieces_.push_back({std::move(literal), {}, false, {}});
        literal.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
        if ((text[i] == '{' || text[i] == '}') && doubled) {
            literal += text[i++];
        } else if (text[i] == '{') {
            const auto close = closing_brace(text, i + 1);
            if (close == std::string_view::npos)
                return fail(Fault::bad_config, "a '{' lacks its '}'; write {{ for a literal brace");
            flush();
            TRY(auto piece, compile_piece(text.substr(i + 1, close - i - 1)));
            out.pieces_.push_back(std::move(piece));
            i = close;
        } else {
            literal += text[i];
        }
    }
    flush();
    return out;
}

Result<Template> Template::compile(std::string_view text, const Names& names) {
    TRY(auto out, compile(text));
    if (auto objection = out.objection(names)) return fail(Fault::bad_config, *std::move(objection));
    return out;
}

std::optional<std::string> Template::objection(const Names& names) const {
    for (const auto& piece : pieces_) {
        if (piece.name.empty()) continue;
        if (auto found = names.objection(piece.name)) return found;
        for (const auto& filter : piece.filters)
            if (const auto* name = name_in(filter))
                if (auto found = names.objection(*name)) return found;
    }
    return std::nullopt;
}

void Template::check(const Names& names, spec::Problems& problems) const {
    if (auto found = objection(names)) problems.add(place_, *std::move(found));
}

void check(const Texts& texts, const Names& names, spec::Problems& problems) {
    for (const auto& [_, text] : texts) text.check(names, problems);
}

const spec::Type<Template>& describe(spec::Tag<Template>) {
    static const auto type = [] {
        auto base = spec::text({.name = "template", .expected = "text with names in braces, such as {settings.shop}"});
        return spec::Type<Template>(
            base.shape_pointer(), [base](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<Template> {
                auto text = base.parse(yaml, problems);
                if (!text) return std::nullopt;
                auto compiled = Template::compile(*text);
                if (!compiled) {
                    problems.add(yaml.place(), compiled.error().what);
                    return std::nullopt;
                }
                compiled->place_ = yaml.place();
                return *std::move(compiled);
            });
    }();
    return type;
}

Result<Scope::Found> Template::evaluate(const Piece& piece, const Scope& scope, value::Document& kept) const {
    TRY(auto found, scope.find(piece.name));
    for (const auto& filter : piece.filters) {
        auto next = apply(filter, std::move(found), scope, kept);
        if (!next) return pass(std::move(next), "{" + piece.name + "}");
        found = *std::move(next);
    }
    if (found.missing() && !piece.optional) {
        // It is the operator who gives it, whatever the record.
        if (piece.name.starts_with("credentials."))
            return fail(Fault::bad_config,
                        fmt::format("there is no '{}': set it with `tributary secret set`", piece.name));
        return fail(Fault::bad_input, fmt::format("there is no '{}'", piece.name));
    }
    return found;
}

Result<std::optional<std::string>> Template::render(const Scope& scope, Place place) const {
    std::string out;
    for (const auto& piece : pieces_) {
        if (piece.name.empty()) {
            out += piece.literal;
            continue;
        }
        value::Document kept;
        TRY(auto found, evaluate(piece, scope, kept));
        if (piece.optional && is_nothing(found)) return std::nullopt;
        if (!found.text && found.node.is(value::Kind::object))
            return fail(Fault::bad_input, fmt::format("'{}' is an object and cannot stand in text", piece.name));
        std::string text;
        if (found.text) {
            text = *std::move(found.text);
        } else if (found.node.is(value::Kind::array)) {
            std::vector<std::string> all;
            for (const auto each : found.node) all.push_back(each.scalar_text());
            text = join(all, ",");
        } else {
            text = found.node.scalar_text();
        }
        auto encoded = encode(std::move(text), place);
        if (!encoded) return pass(std::move(encoded), "{" + piece.name + "}");
        out += *encoded;
    }
    return out;
}

Result<std::string> Template::render_required(const Scope& scope, Place place) const {
    TRY(auto text, render(scope, place));
    if (!text) return fail(Fault::bad_input, fmt::format("nothing to put into '{}'", source_));
    return *std::move(text);
}

Result<bool> Template::build(const Scope& scope, value::Builder& out, std::optional<std::string_view> key) const {
    if (pieces_.size() == 1 && !pieces_[0].name.empty()) {
        value::Document kept;
        TRY(auto found, evaluate(pieces_[0], scope, kept));
        if (pieces_[0].optional && is_nothing(found)) return false;
        if (key) out.key(*key);
        if (found.text)
            out.text(*found.text);
        else
            out.copy(found.node);
        return true;
    }
    TRY(auto text, render(scope));
    if (!text) return false;
    if (key) out.key(*key);
    out.text(*text);
    return true;
}

bool Template::constant() const {
    return std::ranges::all_of(pieces_, [](const Piece& piece) { return piece.name.empty(); });
}

bool Template::uses(std::string_view root) const {
    return std::ranges::any_of(pieces_, [&](const Piece& piece) {
        const auto is_root = [&](std::string_view name) {
            return name.starts_with(root) &&
                   (name.size() == root.size() || name[root.size()] == '.' || name[root.size()] == '[');
        };
        return is_root(piece.name) || std::ranges::any_of(piece.filters, [&](const Filter& filter) {
                   return !filter.arguments.empty() && is_root(filter.arguments[0]);
               });
    });
}

}  // namespace tributary::connector
