// Yaml: one YAML document as an immutable tree that knows where each key and value stands.
// Duplicate keys, anchors, aliases, merge keys and tags are problems; so are keys that are not plain text.
//
// Scalars follow the YAML 1.2 core schema as far as JSON goes: unquoted true, false, null and JSON numbers have a type,
// everything else (yes, 007, 0x1f, 1_000, dates) is text. What is quoted is always text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/spec/problem.hpp"
#include "gateway/value/document.hpp"

namespace tributary::spec {

struct YamlLimits {
    std::size_t bytes = 8UL << 20;
    std::size_t depth = 64;
    std::size_t nodes = 500'000;
};

class Yaml {
  public:
    enum class Kind : std::uint8_t { null, scalar, sequence, map };

    Yaml() = default;  // null, nowhere

    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_scalar() const { return kind_ == Kind::scalar; }
    bool is_sequence() const { return kind_ == Kind::sequence; }
    bool is_map() const { return kind_ == Kind::map; }

    // A scalar as written, without its quotes; empty for other kinds.
    const std::string& text() const { return text_; }
    bool quoted() const { return quoted_; }
    // The text came out of ${env:...}: it is taken literally and never printed.
    bool resolved() const { return resolved_; }
    // What an unquoted scalar means; nullopt when it means something else.
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer() const;  // a JSON integer that fits 64 bits
    bool is_number() const;                       // any JSON number

    // The items of a sequence or the entries of a map (each knows its key), in order.
    const std::vector<Yaml>& children() const { return children_; }
    std::size_t size() const { return children_.size(); }
    // The value of a map's entry, else nullptr.
    const Yaml* find(std::string_view key) const;

    // Its own key in the map around it, and where that key stands. Empty for items and the root.
    const std::string& key() const { return key_; }
    Place key_place() const { return {file(), key_.empty() ? mark_ : key_mark_, path_}; }
    Place place() const { return {file(), mark_, path_}; }
    Mark mark() const { return mark_; }
    // "deliveries[0].retry"; empty for the root.
    const std::string& path() const { return path_; }
    std::string file() const { return file_ ? *file_ : std::string(); }

  private:
    friend class YamlReader;
    friend class EnvironmentPass;
    std::string text_, key_, path_;
    std::vector<Yaml> children_;
    std::shared_ptr<const std::string> file_;  // one name shared by all nodes of a document
    Mark mark_, key_mark_;
    Kind kind_ = Kind::null;
    bool quoted_ = false, resolved_ = false;
};

std::string_view name_of(Yaml::Kind kind);

// `file` is the name that problems show. nullopt when the text is not YAML at all; a tree with problems (a duplicate
// key, of which the first counts) is still given, so that its other problems can be found in the same run. An empty
// text is null.
std::optional<Yaml> parse_yaml(std::string_view text, std::string file, Problems& problems, YamlLimits limits = {});

// A file that cannot be read is a problem, not an exception.
std::optional<Yaml> read_yaml(const std::string& file, Problems& problems, YamlLimits limits = {});

// The free-form parts (test records, constants, settings): numbers keep their digits, quoted scalars stay text.
value::Document to_document(const Yaml& yaml);

}  // namespace tributary::spec
