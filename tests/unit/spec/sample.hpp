// A small config type that uses every part of the description language; the cases, the fuzz target and the unit tests
// read it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/spec/load.hpp"

namespace tributary::sample {

enum class Colour { red, green };

struct File {
    std::string path;
};
struct Server {
    std::string address;
    spec::Template password;
};
using Place = std::variant<File, Server>;

// Contains itself, and may be written as a plain text.
struct Node {
    std::string from;
    std::vector<std::string> names;
    std::vector<spec::Named<Node>> fields;
    std::unique_ptr<Node> parent;
};

struct Config {
    std::string name;
    int level = 0;
    double share = 0;
    bool loud = false;
    Milliseconds wait{};
    std::uint64_t limit = 0;
    std::optional<std::string> url;
    std::optional<Colour> colour;
    std::optional<Place> place;
    std::map<std::string, Node> nodes;
    spec::Placed<std::string> link;
    spec::Yaml free;
    std::optional<std::string> old;
    spec::Place where;
};

inline const spec::Type<Colour>& describe(spec::Tag<Colour>) {
    static const auto type =
        spec::choice<Colour>("colour", {{"red", Colour::red, "as blood"}, {"green", Colour::green}});
    return type;
}

inline const spec::Type<Place>& describe(spec::Tag<Place>) {
    static const auto type =
        spec::Alternatives<Place>("place", "where it is kept")
            .alternative("file",
                         spec::Object<File>("place_file", "a file").field("path", &File::path, {.summary = "its name"}))
            .alternative("server",
                         spec::Object<Server>("place_server", "a server")
                             .field("address", &Server::address, spec::text(spec::address_rule()), {})
                             .field("password", &Server::password, spec::secret(), {.example = "${secret:a#b}"}))
            .example("{ type: file, path: data/x }")
            .type();
    return type;
}

inline const spec::Type<Node>& describe(spec::Tag<Node>) {
    static const auto type =
        spec::with_short_form(spec::Object<Node>("node", "a part of the tree")
                                  .field("from", &Node::from, {.summary = "its source"})
                                  .field("names", &Node::names, spec::one_or_many(spec::text()), {.fallback = "[]"})
                                  .field("fields", &Node::fields, {.summary = "parts of the part", .fallback = "{}"})
                                  .field("parent", &Node::parent, {})
                                  .type(),
                              spec::Yaml::Kind::scalar, spec::text(), [](std::string from) {
                                  Node node;
                                  node.from = std::move(from);
                                  return node;
                              });
    return type;
}

inline const spec::Type<Config>& describe(spec::Tag<Config>) {
    static const auto type =
        spec::Object<Config>("sample", "everything once")
            .field("name", &Config::name, spec::text(spec::name_rule()), {.summary = "who | what", .example = "acme"})
            .field("level", &Config::level, spec::integer<int>(1, 9), {.summary = "how high", .fallback = "3"})
            .field("share", &Config::share, {.fallback = "0.5"})
            .field("loud", &Config::loud, {.fallback = "false"})
            .field("wait", &Config::wait, {.fallback = "30s"})
            .field("limit", &Config::limit, spec::size(1024), {.fallback = "1MB", .advanced = true})
            .field("url", &Config::url, spec::text(spec::url_rule()), {})
            .field("colour", &Config::colour, {})
            .field("place", &Config::place, {})
            .field("nodes", &Config::nodes, spec::map_of(spec::type_of<Node>(), spec::path_name_rule()),
                   {.fallback = "{}"})
            .field("link", &Config::link, {.fallback = "nowhere"})
            .field("free", &Config::free, {.required = false})
            .field("old", &Config::old, {.deprecated = "write url"})
            .place(&Config::where)
            .check([](const Config& config, const spec::Yaml& yaml, spec::Problems& problems) {
                if (config.loud && !config.colour) problems.add(yaml.place(), "a loud one needs a colour");
            })
            .example("name: acme\nplace: { type: file, path: data/x }\n")
            .type();
    return type;
}

}  // namespace tributary::sample
