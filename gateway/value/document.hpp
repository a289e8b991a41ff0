// Document: an immutable tree of values, the one form in which every record travels: JSON, CSV, XML, form and SQL rows
// are read into it, mappings read one and build another. Flat: one vector of cells, one buffer of text.
//
// Numbers are never rounded: what fits int64 is an integer, every other number keeps its digits as written (decimal).
// Threads: a Document is safe to read from several threads. Lifetime: a Node and every string_view taken from it are
// valid while their Document lives and is not moved from or assigned to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::value {

enum class Kind : std::uint8_t { missing, null, boolean, integer, decimal, text, array, object };
std::string_view name_of(Kind kind);

class Document;

// A place in a Document. A Node that is not there (`missing`) can be asked anything: it is empty and false.
class Node {
  public:
    Node() = default;

    Kind kind() const;
    // Neither missing nor null.
    explicit operator bool() const { return kind() > Kind::null; }
    bool is(Kind k) const { return kind() == k; }
    bool is_number() const { return is(Kind::integer) || is(Kind::decimal); }

    // REQUIRES: the kind fits; else false, 0 or empty.
    bool boolean() const;
    std::int64_t integer() const;
    // Text, or a decimal's digits exactly as the source wrote them ("1e3", "12.50"). Empty for every other kind.
    std::string_view text() const;
    // Any scalar as text: integers and booleans are written out, null and missing are empty.
    std::string scalar_text() const;

    // Children of an array or object; 0 for scalars.
    std::size_t size() const;
    Node at(std::size_t index) const;
    // The member of an object, or missing. Linear: objects in records are small.
    Node find(std::string_view key) const;
    // Follows a dotted path with optional indexes: "customer.emails[0].address". A part that is not there gives missing.
    Node at_path(std::string_view path) const;
    // This node's own key inside its object, else empty.
    std::string_view key() const;

    class Iterator;
    Iterator begin() const;
    Iterator end() const;

    // Position among the document's cells: an identity for traces and caches.
    std::uint32_t index() const { return index_; }
    const Document* document() const { return document_; }

  private:
    friend class Document;
    Node(const Document* document, std::uint32_t index) : document_(document), index_(index) {}
    const Document* document_ = nullptr;
    std::uint32_t index_ = 0;
};

class Document {
  public:
    Document() = default;  // its root is missing
    Node root() const { return cells_.empty() ? Node{} : Node{this, 0}; }
    bool empty() const { return cells_.empty(); }

  private:
    friend class Node;
    friend class Builder;
    struct Cell {
        Kind kind = Kind::missing;
        std::uint32_t key_offset = 0, key_size = 0;  // into text_
        std::uint32_t offset = 0, size = 0;          // text: into text_; array, object: size = number of children
        std::uint32_t next = 0;                      // index of the cell after this subtree
        std::int64_t integer = 0;                    // integer and boolean
    };
    std::vector<Cell> cells_;
    std::string text_;
};

class Node::Iterator {
  public:
    using difference_type = std::ptrdiff_t;
    using value_type = Node;
    Iterator() = default;
    Node operator*() const { return node_; }
    Iterator& operator++();
    Iterator operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.node_.index_ == b.node_.index_; }

  private:
    friend class Node;
    explicit Iterator(Node node) : node_(node) {}
    Node node_;
};

// Builds a Document from front to back. Inside an object every value follows a key().
class Builder {
  public:
    Builder& key(std::string_view key);
    Builder& null();
    Builder& boolean(bool value);
    Builder& integer(std::int64_t value);
    // REQUIRES: `digits` is a JSON number; kept as written. A number that fits int64 becomes an integer.
    Builder& number(std::string_view digits);
    Builder& text(std::string_view value);
    Builder& begin_object();
    Builder& begin_array();
    Builder& end();  // of the innermost object or array
    // Copies a whole subtree, from this or another document; missing is written as null.
    Builder& copy(Node node);

    // Whether everything begun has ended and there is one root.
    bool complete() const;
    // REQUIRES: complete(). The builder is empty again and keeps its capacity.
    Document take();
    void reset();

  private:
    std::uint32_t add(Kind kind);
    Document document_;
    std::vector<std::uint32_t> open_;
    std::uint32_t key_offset_ = 0, key_size_ = 0;
};

}  // namespace tributary::value
