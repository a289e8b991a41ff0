// Template: text with names in braces, compiled once: "/customers/{remote_id}.json", "Session {session.id|base64}".
//
//   {name}          the value; a value that is not there is an error (Fault::bad_input naming it)
//   {name?}         the same, but a missing or null value makes the whole template render to nothing, and the query
//                   parameter, header or body member that it is the value of is left out
//   {name|f|g(a)}   filters from a closed list, applied from left to right (filter.hpp)
//   {{  }}          literal braces
// What is inserted is encoded for the place: percent-encoded in paths and queries, refused in headers when it holds CR,
// LF or NUL, raw in text. Safe from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/declarative/filter.hpp"
#include "gateway/connector/declarative/scope.hpp"
#include "gateway/spec/container.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

enum class Place { text, path, query, header };

class Template {
  public:
    Template() = default;  // renders to ""
    // Fault::bad_config: an unknown filter, an open brace, and with `names` an unknown name. From a file, describe()
    // below compiles it and check() looks at its names once all of them are known.
    static Result<Template> compile(std::string_view text, const Names& names);
    static Result<Template> compile(std::string_view text);
    void check(const Names& names, spec::Problems& problems) const;

    // nullopt: an optional name had no value.
    Result<std::optional<std::string>> render(const Scope& scope, Place place = Place::text) const;
    // The same where nothing is not an answer: then Fault::bad_input.
    Result<std::string> render_required(const Scope& scope, Place place = Place::text) const;

    // Writes it as a JSON value: a lone "{name}" keeps the value's own type, everything else is text.
    // false: an optional name had no value and nothing was written (after `key`, which is written first when given).
    Result<bool> build(const Scope& scope, value::Builder& out,
                       std::optional<std::string_view> key = std::nullopt) const;

    const std::string& source() const { return source_; }
    bool empty() const { return source_.empty(); }
    bool constant() const;  // has no names
    bool uses(std::string_view root) const;

  private:
    struct Piece {
        std::string literal;  // when `name` is empty
        std::string name;
        bool optional = false;
        std::vector<Filter> filters;
    };
    friend const spec::Type<Template>& describe(spec::Tag<Template>);
    static Result<Piece> compile_piece(std::string_view inside);
    std::optional<std::string> objection(const Names& names) const;
    Result<Scope::Found> evaluate(const Piece& piece, const Scope& scope, value::Document& kept) const;

    std::string source_;
    std::vector<Piece> pieces_;
    spec::Place place_;
};

const spec::Type<Template>& describe(spec::Tag<Template>);
// Query parameters, headers, form fields: names in the order written, each with a template.
using Texts = std::vector<spec::Named<Template>>;
void check(const Texts& texts, const Names& names, spec::Problems& problems);

// A JSON body whose string leaves, and keys with braces in them, are templates. Objects, arrays, numbers, booleans and
// nulls stay as they are. { $each: items, $body: {...} } is a list: the body once for each element of that list, which
// is {item} in it.
class BodyTemplate {
  public:
    BodyTemplate() = default;
    static std::optional<BodyTemplate> compile(const spec::Yaml& tree, spec::Problems& problems);
    void check(const Names& names, spec::Problems& problems) const;
    Result<value::Document> render(const Scope& scope) const;
    bool uses(std::string_view root) const;

  private:
    struct Cell {
        value::Kind kind = value::Kind::null;
        std::string key;
        Template key_text;   // for keys with names in them
        Template text;       // for text leaves
        std::string digits;  // numbers
        bool boolean = false;
        std::vector<Cell> children;
        std::string each;  // name of a list: `children` is the one body that is repeated
    };
    static std::optional<Cell> compile_cell(const spec::Yaml& node, spec::Problems& problems);
    static std::optional<Cell> compile_each(Cell cell, const spec::Yaml& node, spec::Problems& problems);
    static Result<bool> render_each(const Cell& cell, const Scope& scope, value::Builder& out);
    static void check_cell(const Cell& cell, const Names& names, spec::Problems& problems);
    static Result<bool> render_cell(const Cell& cell, const Scope& scope, value::Builder& out, bool keyed);
    static bool cell_uses(const Cell& cell, std::string_view root);
    Cell root_;
};

const spec::Type<BodyTemplate>& describe(spec::Tag<BodyTemplate>);

}  // namespace tributary::connector
