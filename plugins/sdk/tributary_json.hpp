// A small JSON value for plug-ins that bring no JSON library of their own. Standard library alone, C++17.
//
// Numbers keep their digits as written. parse() returns nullopt for what is no JSON; it takes at most 64 levels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tributary::plugin {

class Json {
  public:
    enum class Kind { null, boolean, number, text, array, object };

    Json() = default;
    Json(bool value) : kind_(Kind::boolean), text_(value ? "true" : "false") {}
    Json(std::int64_t value) : kind_(Kind::number), text_(std::to_string(value)) {}
    Json(int value) : Json(static_cast<std::int64_t>(value)) {}
    Json(std::string value) : kind_(Kind::text), text_(std::move(value)) {}
    Json(const char* value) : Json(std::string(value)) {}
    static Json array() { return Json(Kind::array); }
    static Json object() { return Json(Kind::object); }

    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool boolean() const { return kind_ == Kind::boolean && text_ == "true"; }
    // A text, or the digits of a number; empty for all else.
    const std::string& text() const {
        static const std::string none;
        return kind_ == Kind::text || kind_ == Kind::number ? text_ : none;
    }
    const std::vector<Json>& items() const { return items_; }
    // The member of an object; null when it is not there.
    const Json& operator[](std::string_view name) const {
        static const Json none;
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (names_[i] == name) return items_[i];
        return none;
    }
    Json& add(Json item) {
        items_.push_back(std::move(item));
        return *this;
    }
    Json& set(std::string name, Json value) {
        names_.push_back(std::move(name));
        return add(std::move(value));
    }

    std::string write() const {
        std::string out;
        write(out);
        return out;
    }
    static std::optional<Json> parse(std::string_view text) {
        Reader reader{text};
        Json out;
        if (!reader.value(out, 0) || !reader.at_end()) return std::nullopt;
        return out;
    }

  private:
    explicit Json(Kind kind) : kind_(kind) {}

    static void write_text(std::string_view text, std::string& out) {
        static const char* digits = "0123456789abcdef";
        out += '"';
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                out += '\\';
                out += c;
            } else if (byte < 0x20) {
                out += "\\u00";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            } else {
                out += c;
            }
        }
        out += '"';
    }
    void write(std::string& out) const {
        if (kind_ == Kind::null) out += "null";
        if (kind_ == Kind::boolean || kind_ == Kind::number) out += text_;
        if (kind_ == Kind::text) write_text(text_, out);
        if (kind_ != Kind::array && kind_ != Kind::object) return;
        out += kind_ == Kind::array ? '[' : '{';
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (i) out += ',';
            if (kind_ == Kind::object) {
                write_text(names_[i], out);
                out += ':';
            }
            items_[i].write(out);
        }
        out += kind_ == Kind::array ? ']' : '}';
    }

    struct Reader {
        std::string_view rest;

        void space() {
            while (!rest.empty() && std::string_view(" \t\r\n").find(rest.front()) != std::string_view::npos)
                rest.remove_prefix(1);
        }
        bool at_end() {
            space();
            return rest.empty();
        }
        bool eat(std::string_view word) {
            space();
            if (rest.substr(0, word.size()) != word) return false;
            rest.remove_prefix(word.size());
            return true;
        }
        bool value(Json& out, int depth) {
            space();
            if (rest.empty() || depth > 64) return false;
            if (eat("null")) return true;
            if (eat("true")) return out = Json(true), true;
            if (eat("false")) return out = Json(false), true;
            if (rest.front() == '"') return out.kind_ = Kind::text, string(out.text_);
            if (rest.front() == '[' || rest.front() == '{') return container(out, depth);
            return number(out);
        }
        bool number(Json& out) {
            const auto size = rest.find_first_not_of("+-0123456789.eE");
            out.kind_ = Kind::number;
            out.text_ = rest.substr(0, size);
            rest.remove_prefix(out.text_.size());
            return out.text_.find_first_of("0123456789") != std::string::npos;
        }
        bool container(Json& out, int depth) {
            const bool object = rest.front() == '{';
            out.kind_ = object ? Kind::object : Kind::array;
            rest.remove_prefix(1);
            const char* end = object ? "}" : "]";
            if (eat(end)) return true;
            do {
                std::string name;
                Json item;
                space();
                if (object && (!string(name) || !eat(":"))) return false;
                if (!value(item, depth + 1)) return false;
                if (object) out.names_.push_back(std::move(name));
                out.items_.push_back(std::move(item));
            } while (eat(","));
            return eat(end);
        }
        bool string(std::string& out) {
            if (rest.empty() || rest.front() != '"') return false;
            rest.remove_prefix(1);
            while (!rest.empty() && rest.front() != '"') {
                char c = rest.front();
                rest.remove_prefix(1);
                if (c != '\\') {
                    out += c;
                } else if (!escape(out)) {
                    return false;
                }
            }
            return eat("\"");
        }
        bool escape(std::string& out) {
            if (rest.empty()) return false;
            const char c = rest.front();
            rest.remove_prefix(1);
            static constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
            if (const auto at = from.find(c); at != std::string_view::npos) return out += to[at], true;
            std::uint32_t code = 0, low = 0;
            if (c != 'u' || !hex(code)) return false;
            if (code >= 0xd800 && code < 0xdc00) {
                if (rest.substr(0, 2) != "\\u") return false;
                rest.remove_prefix(2);
                if (!hex(low) || low < 0xdc00 || low > 0xdfff) return false;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
            utf8(code, out);
            return true;
        }
        bool hex(std::uint32_t& code) {
            if (rest.size() < 4) return false;
            for (int i = 0; i < 4; ++i, rest.remove_prefix(1)) {
                const auto at = std::string_view("0123456789abcdef").find(static_cast<char>(rest.front() | 0x20));
                if (at == std::string_view::npos) return false;
                code = code * 16 + static_cast<std::uint32_t>(at);
            }
            return true;
        }
        static void utf8(std::uint32_t code, std::string& out) {
            const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
            if (code < 0x80) {
                out += static_cast<char>(code);
            } else if (code < 0x800) {
                out += static_cast<char>(0xc0 | (code >> 6));
                tail(0);
            } else if (code < 0x10000) {
                out += static_cast<char>(0xe0 | (code >> 12));
                tail(6), tail(0);
            } else {
                out += static_cast<char>(0xf0 | (code >> 18));
                tail(12), tail(6), tail(0);
            }
        }
    };

    Kind kind_ = Kind::null;
    std::string text_;
    std::vector<std::string> names_;  // of an object's items, side by side
    std::vector<Json> items_;
};

}  // namespace tributary::plugin
