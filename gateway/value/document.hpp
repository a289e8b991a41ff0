// Document: an immutable tree of values, the one form in which every record travels: JSON, CSV, XML, form and SQL rows
// are read into it, mappings read one and build another. Flat: one vector of cells, one buffer of text.
//
// Numbers are never rounded: what fits int64 is an integer, every other number keeps its digits as written (decimal).
// Threads: a Document is safe to read from several threads. Lifetime: a Node and every string_view taken from it are
// valid while their Document lives and is not moved from or assigned to. Size: below 4 GiB of text.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/value/copy_short.hpp"

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
    // Linear, as find() is.
    Node at(std::size_t index) const;
    // The member of an object, or missing. Linear: objects in records are small.
    Node find(std::string_view key) const;
    // Follows a dotted path with optional indexes: "customer.emails[0].address". A part that is not there gives
    // missing.
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
    friend class Builder;
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
    friend class JsonParser;
    // Trivial on purpose: 24 bytes, copied in blocks. A subtree is the run of cells from its root up to `next`.
    struct Cell {
        Kind kind;
        std::uint32_t key_offset, key_size;  // into text_
        std::uint32_t next;                  // index of the cell after this subtree
        // integer: its value; boolean: 0 or 1; array, object: number of children; text, decimal: offset and size
        std::uint64_t payload;

        static std::uint64_t span(std::size_t offset, std::size_t size) { return offset | std::uint64_t{size} << 32; }
    };
    std::string_view slice(std::uint32_t offset, std::size_t size) const { return {text_.data() + offset, size}; }

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

// Builds a Document from front to back. Inside an object every value follows a key(); that no key comes twice and that
// text is valid UTF-8 is the caller's business.
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
    // Copies a whole subtree, from this or another document; missing is written as null. The copy takes the key given
    // by key(), not its own.
    Builder& copy(Node node);

    // Whether everything begun has ended and there is one root.
    bool complete() const { return open_.empty() && !document_.cells_.empty(); }
    // REQUIRES: complete(). The builder is empty again and keeps its capacity.
    Document take();
    void reset();

  private:
    std::uint32_t put_text(std::string_view text);
    void add(Kind kind, std::uint64_t payload);
    Document document_;
    std::vector<std::uint32_t> open_;
    std::uint32_t key_offset_ = 0, key_size_ = 0;
};

inline std::uint32_t Builder::put_text(std::string_view text) {
    auto& all = document_.text_;
    const auto offset = all.size();
    const auto size = offset + text.size();
    if (size > all.capacity()) [[unlikely]]
        all.reserve(size + size / 2 + 64);
    all.resize_and_overwrite(size, [=](char* out, std::size_t) {
        copy_short(out + offset, text.data(), text.size());
        return size;
    });
    return static_cast<std::uint32_t>(offset);
}

inline void Builder::add(Kind kind, std::uint64_t payload) {
    if (!open_.empty()) ++document_.cells_[open_.back()].payload;
    const auto index = static_cast<std::uint32_t>(document_.cells_.size());
    document_.cells_.push_back({kind, key_offset_, key_size_, index + 1, payload});
    key_offset_ = key_size_ = 0;
}

inline Builder& Builder::key(std::string_view key) {
    assert(!open_.empty() && document_.cells_[open_.back()].kind == Kind::object);
    key_offset_ = put_text(key);
    key_size_ = static_cast<std::uint32_t>(key.size());
    return *this;
}

inline Builder& Builder::integer(std::int64_t value) {
    add(Kind::integer, static_cast<std::uint64_t>(value));
    return *this;
}

inline Builder& Builder::text(std::string_view value) {
    add(Kind::text, Document::Cell::span(put_text(value), value.size()));
    return *this;
}

inline Builder& Builder::begin_object() {
    add(Kind::object, 0);
    open_.push_back(static_cast<std::uint32_t>(document_.cells_.size() - 1));
    return *this;
}

inline Builder& Builder::begin_array() {
    add(Kind::array, 0);
    open_.push_back(static_cast<std::uint32_t>(document_.cells_.size() - 1));
    return *this;
}

inline Builder& Builder::end() {
    assert(!open_.empty());
    document_.cells_[open_.back()].next = static_cast<std::uint32_t>(document_.cells_.size());
    open_.pop_back();
    return *this;
}

inline Kind Node::kind() const {
    return document_ ? document_->cells_[index_].kind : Kind::missing;
}

inline bool Node::boolean() const {
    return is(Kind::boolean) && document_->cells_[index_].payload != 0;
}

inline std::int64_t Node::integer() const {
    return is(Kind::integer) ? static_cast<std::int64_t>(document_->cells_[index_].payload) : 0;
}

inline std::string_view Node::text() const {
    if (!is(Kind::text) && !is(Kind::decimal)) return {};
    const auto payload = document_->cells_[index_].payload;
    return document_->slice(static_cast<std::uint32_t>(payload), payload >> 32);
}

inline std::size_t Node::size() const {
    return kind() < Kind::array ? 0 : document_->cells_[index_].payload;
}

inline std::string_view Node::key() const {
    if (!document_) return {};
    const auto& cell = document_->cells_[index_];
    return document_->slice(cell.key_offset, cell.key_size);
}

inline Node::Iterator& Node::Iterator::operator++() {
    node_.index_ = node_.document_->cells_[node_.index_].next;
    return *this;
}

// A scalar's subtree is itself alone, so its children are the empty run.
inline Node::Iterator Node::begin() const {
    return Iterator(document_ ? Node{document_, index_ + 1} : Node{});
}
inline Node::Iterator Node::end() const {
    return Iterator(document_ ? Node{document_, document_->cells_[index_].next} : Node{});
}

inline Node Node::find(std::string_view key) const {
    if (kind() != Kind::object) return {};
    const auto* cells = document_->cells_.data();
    const auto* text = document_->text_.data();
    for (auto i = index_ + 1, last = cells[index_].next; i != last; i = cells[i].next) {
        if (std::string_view(text + cells[i].key_offset, cells[i].key_size) == key) return {document_, i};
    }
    return {};
}

}  // namespace tributary::value
