// JsonWalk: checks a JSON text along its structural index and writes its cells. It works in place: cells point into the
// text, and a string with escapes is shortened where it stands.
//
// The index holds the offset of each of {}[]:, outside strings, of each opening quote, and of the first character of
// everything else that is not white space; after the last one it holds the text's size, where a space stands.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/value/document.hpp"
#include "gateway/value/duplicate_keys.hpp"
#include "gateway/value/json_string.hpp"

namespace tributary::value {

// `Cell` is Document's own, which only its parser may name.
template <class Cell>
class JsonWalk {
  public:
    // REQUIRES: `cells` has room for half the index and `depth` + 2; the text is valid UTF-8 and padded.
    JsonWalk(char* text, std::size_t size, const std::uint32_t* index, Cell* cells, std::size_t depth,
             DuplicateKeys& keys)
        : text_(text),
          size_(static_cast<std::uint32_t>(size)),
          index_(index),
          cells_(cells),
          out_(cells),
          depth_(depth),
          keys_(keys) {
        find_escape(0);
    }

    bool run() {
        if (!value(0, 0)) return false;
        return *index_ == size_ || wrong(*index_, "characters after the end of the value");
    }
    Cell* end() const { return out_; }
    std::string message() const { return fmt::format("byte {}: {}", wrong_at_, wrong_); }

  private:
    bool wrong(std::uint32_t at, const char* what) {
        wrong_at_ = at;
        wrong_ = what;
        return false;
    }

    Cell* add(Kind kind, std::uint64_t payload) {
        *out_ = {kind, key_offset_, key_size_, static_cast<std::uint32_t>(out_ - cells_) + 1, payload};
        return out_++;
    }

    // The value at the index position, with the key noted last.
    bool value(std::uint32_t key_offset, std::uint32_t key_size) {
        key_offset_ = key_offset;
        key_size_ = key_size;
        const auto at = *index_;
        switch (text_[at]) {
            case '"': {
                std::uint32_t offset, size;
                if (!string(offset, size)) return false;
                add(Kind::text, std::uint64_t{size} << 32 | offset);
                return true;
            }
            case '{':
                return object();
            case '[':
                return array();
            case 't':
                return word(at, "true", Kind::boolean, 1);
            case 'f':
                return word(at, "false", Kind::boolean, 0);
            case 'n':
                return word(at, "null", Kind::null, 0);
            case '-':
            case '0':
            case '1':
            case '2':
            case '3':
            case '4':
            case '5':
            case '6':
            case '7':
            case '8':
            case '9':
                return number(at);
            default:
                return wrong(at, at == size_ ? "the text ends where a value was expected" : "a value was expected");
        }
    }

    bool object() {
        const auto at = *index_++;
        if (depth_ == 0) return wrong(at, "nested deeper than the limit");
        --depth_;
        Cell* const self = add(Kind::object, 0);
        std::uint64_t count = 0;
        KeyFilter filter;
        if (text_[*index_] == '}') {
            ++index_;
        } else {
            for (;;) {
                if (text_[*index_] != '"') return wrong(*index_, "a key in double quotes was expected");
                std::uint32_t key_offset, key_size;
                if (!string(key_offset, key_size)) return false;
                if (text_[*index_] != ':') return wrong(*index_, "':' was expected after the key");
                ++index_;
                filter.add({text_ + key_offset, key_size});
                if (!value(key_offset, key_size)) return false;
                ++count;
                const auto next = *index_++;
                if (text_[next] == ',') continue;
                if (text_[next] == '}') break;
                return wrong(next, "',' or '}' was expected in the object");
            }
        }
        ++depth_;
        return close(self, count) && (!filter.doubtful() || unique_keys(self, count));
    }

    bool array() {
        const auto at = *index_++;
        if (depth_ == 0) return wrong(at, "nested deeper than the limit");
        --depth_;
        Cell* const self = add(Kind::array, 0);
        std::uint64_t count = 0;
        if (text_[*index_] == ']') {
            ++index_;
        } else {
            for (;;) {
                if (!value(0, 0)) return false;
                ++count;
                const auto next = *index_++;
                if (text_[next] == ',') continue;
                if (text_[next] == ']') break;
                return wrong(next, "',' or ']' was expected in the array");
            }
        }
        ++depth_;
        return close(self, count);
    }

    bool close(Cell* self, std::uint64_t count) {
        self->payload = count;
        self->next = static_cast<std::uint32_t>(out_ - cells_);
        return true;
    }

    // An object of up to kMax keys goes through the table, a larger one is sorted.
    bool unique_keys(const Cell* self, std::uint64_t count) {
        const auto* const last = cells_ + self->next;
        if (count <= DuplicateKeys::kMax) {
            keys_.begin();
            for (const auto* cell = self + 1; cell != last; cell = cells_ + cell->next) {
                if (keys_.seen({text_ + cell->key_offset, cell->key_size})) return duplicate(cell->key_offset);
            }
            return true;
        }
        std::vector<std::string_view> sorted;
        sorted.reserve(count);
        for (const auto* cell = self + 1; cell != last; cell = cells_ + cell->next) {
            sorted.emplace_back(text_ + cell->key_offset, cell->key_size);
        }
        std::sort(sorted.begin(), sorted.end());
        const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
        return twice == sorted.end() || duplicate(static_cast<std::uint32_t>(twice->data() - text_));
    }
    bool duplicate(std::uint32_t at) { return wrong(at - 1, "this key is in its object twice"); }

    // The string at the index position. Between its closing quote and the next index position is only white space.
    bool string(std::uint32_t& offset, std::uint32_t& size) {
        const auto begin = *index_++ + 1;
        auto end = *index_ - 1;
        while (text_[end] != '"') --end;
        offset = begin;
        size = end - begin;
        if (escape_ >= end) return true;
        const auto unescaped = unescape_json(text_ + begin, text_ + end);
        if (unescaped.wrong) return wrong(static_cast<std::uint32_t>(unescaped.end - text_), unescaped.wrong);
        size = static_cast<std::uint32_t>(unescaped.end - (text_ + begin));
        find_escape(end);
        return true;
    }

    // Backslashes are rare: knowing the next one spares every string before it a scan.
    void find_escape(std::uint32_t from) {
        const auto* const found = static_cast<const char*>(std::memchr(text_ + from, '\\', size_ - from));
        escape_ = found ? static_cast<std::uint32_t>(found - text_) : size_;
    }

    bool word(std::uint32_t at, std::string_view expected, Kind kind, std::uint64_t payload) {
        if (std::string_view(text_ + at, expected.size()) != expected || !ends_at(at + expected.size())) {
            return wrong(at, "a value was expected");
        }
        ++index_;
        add(kind, payload);
        return true;
    }

    bool number(std::uint32_t at) {
        const char* p = text_ + at;
        const bool negative = *p == '-';
        p += negative;
        const char* const first = p;
        std::uint64_t magnitude = 0;
        while (is_digit(*p)) magnitude = magnitude * 10 + static_cast<std::uint64_t>(*p++ - '0');
        const auto count = p - first;
        if (count == 0 || (*first == '0' && count > 1)) return wrong(at, "this is not a JSON number");
        const bool whole = *p != '.' && (*p | 0x20) != 'e';
        if (*p == '.' && !digits(++p)) return wrong(at, "a digit was expected after the point of this number");
        if ((*p | 0x20) == 'e') {
            ++p;
            if (*p == '+' || *p == '-') ++p;
            if (!digits(p)) return wrong(at, "a digit was expected in the exponent of this number");
        }
        if (!ends_at(static_cast<std::size_t>(p - text_))) return wrong(at, "this is not a JSON number");
        ++index_;
        // 19 digits fit 64 bits without a sign. "-0" stays a decimal, since an integer would lose its sign.
        constexpr std::uint64_t kMax = INT64_MAX;
        if (whole && count <= 19 && magnitude <= kMax + negative && !(negative && magnitude == 0)) {
            add(Kind::integer, negative ? 0 - magnitude : magnitude);
        } else {
            add(Kind::decimal, Cell::span(at, static_cast<std::size_t>(p - (text_ + at))));
        }
        return true;
    }

    static bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
    static bool digits(const char*& p) {
        if (!is_digit(*p)) return false;
        while (is_digit(*p)) ++p;
        return true;
    }
    // Whether a word or number may end here. The padding is white space, so the text's end needs no test.
    bool ends_at(std::size_t at) const {
        switch (text_[at]) {
            case ' ':
            case '\t':
            case '\n':
            case '\r':
            case ',':
            case ']':
            case '}':
                return true;
            default:
                return false;
        }
    }

    char* const text_;
    const std::uint32_t size_;
    const std::uint32_t* index_;
    Cell* const cells_;
    Cell* out_;
    std::size_t depth_;
    DuplicateKeys& keys_;
    std::uint32_t escape_ = 0;  // the next backslash at or after the current position
    std::uint32_t key_offset_ = 0, key_size_ = 0;
    std::uint32_t wrong_at_ = 0;
    const char* wrong_ = "";
};

}  // namespace tributary::value
