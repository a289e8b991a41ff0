#include "gateway/value/document.hpp"

#include <array>
#include <cassert>
#include <charconv>

#include "gateway/base/text.hpp"
#include "gateway/value/number.hpp"

namespace tributary::value {

std::string_view name_of(Kind kind) {
    constexpr std::array<std::string_view, 8> kNames = {"missing", "null", "boolean", "integer",
                                                        "decimal", "text", "array",   "object"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string Node::scalar_text() const {
    switch (kind()) {
        case Kind::boolean:
            return boolean() ? "true" : "false";
        case Kind::integer:
            return std::to_string(integer());
        case Kind::decimal:
        case Kind::text:
            return std::string(text());
        default:
            return {};
    }
}

Node Node::at(std::size_t index) const {
    if (index >= size()) return {};
    auto child = begin();
    while (index-- > 0) ++child;
    return *child;
}

Node Node::at_path(std::string_view path) const {
    Node node = *this;
    while (!path.empty() && node.document_) {
        if (path.front() == '[') {
            const auto close = path.find(']');
            if (close == std::string_view::npos || !node.is(Kind::array)) return {};
            const auto index = to_integer(path.substr(1, close - 1));
            if (!index || *index < 0) return {};
            node = node.at(static_cast<std::size_t>(*index));
            path.remove_prefix(close + 1);
        } else {
            const auto stop = path.find_first_of(".[");
            node = node.find(path.substr(0, stop));
            path.remove_prefix(stop == std::string_view::npos ? path.size() : stop);
        }
        if (path.empty()) break;
        if (path.front() == '.') {
            path.remove_prefix(1);
            if (path.empty()) return {};  // a path that ends in a dot names nothing
        } else if (path.front() != '[') {
            return {};
        }
    }
    return node;
}

Builder& Builder::null() {
    add(Kind::null, 0);
    return *this;
}

Builder& Builder::boolean(bool value) {
    add(Kind::boolean, value ? 1 : 0);
    return *this;
}

Builder& Builder::number(std::string_view digits) {
    if (const auto whole = exact_integer(digits)) return integer(*whole);
    add(Kind::decimal, Document::Cell::span(put_text(digits), digits.size()));
    return *this;
}

Builder& Builder::copy(Node node) {
    if (!node.document_) return null();
    const auto& from = *node.document_;
    const auto first = node.index_, last = from.cells_[first].next;
    const auto shift = static_cast<std::uint32_t>(document_.cells_.size()) - first;
    for (auto i = first; i != last; ++i) {
        auto cell = from.cells_[i];
        if (i == first) {
            if (!open_.empty()) ++document_.cells_[open_.back()].payload;
            cell.key_offset = key_offset_;
            cell.key_size = key_size_;
        } else {
            cell.key_offset = put_text(from.slice(cell.key_offset, cell.key_size));
        }
        if (cell.kind == Kind::text || cell.kind == Kind::decimal) {
            const auto size = cell.payload >> 32;
            const auto text = from.slice(static_cast<std::uint32_t>(cell.payload), size);
            cell.payload = Document::Cell::span(put_text(text), size);
        }
        cell.next += shift;
        document_.cells_.push_back(cell);
    }
    key_offset_ = key_size_ = 0;
    return *this;
}

Document Builder::take() {
    assert(complete());
    Document done;
    const auto cells = document_.cells_.capacity();
    const auto text = document_.text_.capacity();
    std::swap(done, document_);
    document_.cells_.reserve(cells);
    document_.text_.reserve(text);
    return done;
}

void Builder::reset() {
    document_.cells_.clear();
    document_.text_.clear();
    open_.clear();
    key_offset_ = key_size_ = 0;
}

}  // namespace tributary::value
