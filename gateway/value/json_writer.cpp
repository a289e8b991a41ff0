#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/value/copy_short.hpp"
#include "gateway/value/json.hpp"

namespace tributary::value {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// What stands after the backslash: a letter, 'u' for \u00XX, 0 for a character that needs no escape.
constexpr auto kEscapes = [] {
    std::array<char, 256> table{};
    for (int i = 0; i < 0x20; ++i) table[static_cast<std::size_t>(i)] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}();

template <class Word>
bool plain_word(const char* at) {
    constexpr Word kOnes = ~Word{0} / 0xff;
    Word word;
    std::memcpy(&word, at, sizeof word);
    // The high bit of a byte below the limit, or of a zero byte; a borrow can only mark bytes above a true one.
    const auto zero = [](Word bytes) { return (bytes - kOnes) & ~bytes; };
    const Word marks = ((word - kOnes * 0x20) & ~word) | zero(word ^ kOnes * '"') | zero(word ^ kOnes * '\\');
    return (marks & kOnes * 0x80) == 0;
}

// Whether nothing in the text needs an escape: word by word, the last one overlapping the one before.
bool is_plain(std::string_view text) {
    const char* const data = text.data();
    const auto size = text.size();
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8)
            if (!plain_word<std::uint64_t>(data + i)) return false;
        return plain_word<std::uint64_t>(data + size - 8);
    }
    if (size >= 4) return plain_word<std::uint32_t>(data) && plain_word<std::uint32_t>(data + size - 4);
    for (const char c : text)
        if (kEscapes[static_cast<unsigned char>(c)]) return false;
    return true;
}

// Writes behind what the string holds, straight into its room: while one of these lives, the string is as long as its
// room and has no meaning.
class Writer {
  public:
    explicit Writer(std::string& out) : out_(out), used_(out.size()) { take_room(std::max(used_, out.capacity())); }
    ~Writer() { out_.resize(used_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void put(char c) {
        need(1);
        out_[used_++] = c;
    }
    void put(std::string_view text) {
        need(text.size());
        copy_short(out_.data() + used_, text.data(), text.size());
        used_ += text.size();
    }

    void string(std::string_view text) {
        if (!is_plain(text)) return escaped(text);
        need(text.size() + 2);
        char* const to = out_.data() + used_;
        to[0] = '"';
        copy_short(to + 1, text.data(), text.size());
        to[text.size() + 1] = '"';
        used_ += text.size() + 2;
    }

    // Returns false for containers, which the callers lay out.
    bool scalar(Node node) {
        switch (node.kind()) {
            case Kind::object:
            case Kind::array:
                return false;
            case Kind::text:
                string(node.text());
                break;
            case Kind::decimal:
                put(node.text());
                break;
            case Kind::integer:
                integer(node.integer());
                break;
            case Kind::boolean:
                put(node.boolean() ? std::string_view("true") : std::string_view("false"));
                break;
            default:
                put(std::string_view("null"));
        }
        return true;
    }

    void compact(Node node) {
        if (scalar(node)) return;
        const bool object = node.is(Kind::object);
        char separator = object ? '{' : '[';
        if (node.size() == 0) put(separator);
        for (auto child : node) {
            put(separator);
            separator = ',';
            if (object) {
                string(child.key());
                put(':');
            }
            compact(child);
        }
        put(object ? '}' : ']');
    }

  private:
    void need(std::size_t more) {
        if (out_.size() - used_ < more) [[unlikely]]
            take_room(std::max(used_ + more, 2 * out_.size()));
    }
    void take_room(std::size_t size) {
        out_.resize_and_overwrite(size, [](char*, std::size_t room) { return room; });
    }

    void integer(std::int64_t value) {
        constexpr std::size_t kLongest = 20;
        need(kLongest);
        char* const to = out_.data() + used_;
        used_ += static_cast<std::size_t>(std::to_chars(to, to + kLongest, value).ptr - to);
    }

    void escaped(std::string_view text) {
        put('"');
        std::size_t from = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            const char escape = kEscapes[byte];
            if (!escape) continue;
            put(text.substr(from, i - from));
            from = i + 1;
            put('\\');
            put(escape);
            if (escape != 'u') continue;
            put(std::string_view("00"));
            put(kHex[byte >> 4]);
            put(kHex[byte & 15]);
        }
        put(text.substr(from));
        put('"');
    }

    std::string& out_;
    std::size_t used_;
};

void write_pretty(Node node, std::size_t indent, std::string& out) {
    if (Writer(out).scalar(node)) return;
    const bool object = node.is(Kind::object);
    if (node.size() == 0) {
        out += object ? "{}" : "[]";
        return;
    }
    char separator = object ? '{' : '[';
    for (auto child : node) {
        out += separator;
        out += '\n';
        out.append(indent + 2, ' ');
        if (object) {
            write_json_string(child.key(), out);
            out += ": ";
        }
        write_pretty(child, indent + 2, out);
        separator = ',';
    }
    out += '\n';
    out.append(indent, ' ');
    out += object ? '}' : ']';
}

}  // namespace

void write_json_string(std::string_view text, std::string& out) {
    Writer(out).string(text);
}

void write_json(Node node, std::string& out) {
    Writer(out).compact(node);
}

std::string to_json(Node node) {
    std::string out;
    write_json(node, out);
    return out;
}

std::string to_pretty_json(Node node) {
    std::string out;
    write_pretty(node, 0, out);
    return out;
}

}  // namespace tributary::value
