// Scope: what the names in a template stand for at run time. Names: what they may be, known when the file is loaded.
//
// A name is `root` or `root.rest`. A root is bound to a value (rest is a path into it) or to a look-up (rest is handed
// over whole, so header names and credential fields keep their dots and dashes).
// Lifetimes: bound Nodes belong to Documents that outlive the Scope.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

class Names {
  public:
    // `root` with any rest, or none.
    Names& any(std::string_view root);
    // `root.X` for the listed X alone (each with any deeper path behind it).
    Names& only(std::string_view root, std::set<std::string, std::less<>> fields);
    // nullopt when `name` may be used, else what would be right.
    std::optional<std::string> objection(std::string_view name) const;

  private:
    std::map<std::string, std::optional<std::set<std::string, std::less<>>>, std::less<>> roots_;
};

class Scope {
  public:
    // nullopt: there is no such thing.
    using Lookup = std::function<Result<std::optional<std::string>>(std::string_view rest)>;

    Scope& bind(std::string_view root, value::Node node);
    Scope& bind(std::string_view root, std::string text);
    Scope& bind(std::string_view root, Lookup lookup);
    Scope& unbind(std::string_view root);
    // {now} is RFC 3339; {now.unix}, {now.unix_ms}, {now.date}.
    Scope& bind_now(Timestamp now);

    // What one name stands for: a Node, or text that the scope made.
    struct Found {
        value::Node node;  // when `text` is empty
        std::optional<std::string> text;
        bool missing() const { return !text && node.is(value::Kind::missing); }
    };
    Result<Found> find(std::string_view name) const;

  private:
    struct Binding {
        value::Node node;
        std::optional<std::string> text;
        Lookup lookup;
    };
    std::map<std::string, Binding, std::less<>> roots_;
};

}  // namespace tributary::connector
