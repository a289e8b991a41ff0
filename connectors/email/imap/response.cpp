#include "connectors/email/imap/response.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "gateway/base/text.hpp"

namespace tributary::connectors::imap {

namespace {

using Status = Response::Status;
constexpr std::size_t kDepth = 32;
constexpr std::string_view kLineEnd = "\r\n";

constexpr std::array<std::pair<std::string_view, Status>, 5> kStatuses{
    {{"OK", Status::ok}, {"NO", Status::no}, {"BAD", Status::bad}, {"BYE", Status::bye}, {"PREAUTH", Status::preauth}}};

Status status_of(std::string_view word) {
    for (const auto& [name, status] : kStatuses)
        if (equal_ignoring_case(word, name)) return status;
    return Status::none;
}

// The word up to the next space.
std::string_view take_word(std::string_view& rest) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return word;
}

class ValueParser {
  public:
    explicit ValueParser(std::string_view bytes) : bytes_(bytes) {}

    // Values up to `end`, or to the end of the bytes when `end` is 0.
    Result<std::vector<Value>> values(char end, std::size_t depth) {
        std::vector<Value> out;
        for (;;) {
            while (peek() == ' ') ++at_;
            if (at_ == bytes_.size()) {
                if (end) return bad("a list is not closed");
                return out;
            }
            if (end && peek() == end) {
                ++at_;
                return out;
            }
            TRY(auto one, value(end, depth));
            out.push_back(std::move(one));
        }
    }

    std::string_view rest() const { return bytes_.substr(at_); }

  private:
    char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }

    std::unexpected<Error> bad(const char* what) const {
        return fail(Fault::bad_input, fmt::format("imap response: byte {}: {}", at_, what));
    }

    Result<Value> value(char end, std::size_t depth) {
        const char c = peek();
        if (c == '(') {
            if (depth == kDepth) return bad("lists nest too deep");
            ++at_;
            TRY(auto items, values(')', depth + 1));
            return Value{Value::Kind::list, {}, std::move(items)};
        }
        if (c == '"') return quoted();
        if (c == '{' || (c == '~' && bytes_.substr(at_ + 1).starts_with('{'))) return literal();
        return atom(end);
    }

    Result<Value> quoted() {
        Value out{Value::Kind::text, {}, {}};
        for (++at_; at_ < bytes_.size(); ++at_) {
            char c = bytes_[at_];
            if (c == '"') {
                ++at_;
                return out;
            }
            if (c == '\r' || c == '\n') break;
            if (c == '\\') {
                if (++at_ == bytes_.size()) break;
                c = bytes_[at_];
            }
            out.text += c;
        }
        return bad("a quoted string is not closed");
    }

    Result<Value> literal() {
        const auto line_end = bytes_.find(kLineEnd, at_);
        if (line_end == bytes_.npos) return bad("a literal without bytes");
        const auto size = announced_literal(bytes_.substr(at_, line_end - at_));
        const auto begin = line_end + kLineEnd.size();
        if (!size || *size > bytes_.size() - begin) return bad("a literal is cut");
        at_ = begin + static_cast<std::size_t>(*size);
        return Value{Value::Kind::text, std::string(bytes_.substr(begin, static_cast<std::size_t>(*size))), {}};
    }

    // Brackets belong to the atom with all they hold: BODY[HEADER.FIELDS (SUBJECT)]<0>.
    Result<Value> atom(char end) {
        const auto begin = at_;
        int brackets = 0;
        for (; at_ < bytes_.size(); ++at_) {
            const char c = bytes_[at_];
            if (c == '\r' || c == '\n') return bad("a line end where a value was expected");
            if (brackets == 0 && (c == ' ' || c == '(' || c == ')' || c == '"' || (end && c == end))) break;
            if (c == '[') ++brackets;
            if (c == ']' && brackets > 0) --brackets;
        }
        if (at_ == begin) return bad("a value was expected");
        auto text = std::string(bytes_.substr(begin, at_ - begin));
        if (equal_ignoring_case(text, "NIL")) return Value{};
        return Value{Value::Kind::atom, std::move(text), {}};
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

// "[UIDNEXT 41] text" after the status.
Result<void> read_status(std::string_view rest, Response& out) {
    if (rest.starts_with('[')) {
        ValueParser parser(rest.substr(1));
        TRY(out.code, parser.values(']', 0));
        rest = trim(parser.rest());
    }
    out.text = rest;
    return {};
}

}  // namespace

bool Value::is(std::string_view word) const {
    return kind == Kind::atom && equal_ignoring_case(text, word);
}

std::optional<std::uint64_t> Value::number() const {
    if (kind != Kind::atom) return std::nullopt;
    const auto number = to_integer(text);
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::optional<std::uint64_t> announced_literal(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const auto open = line.rfind('{');
    if (open == line.npos) return std::nullopt;
    auto digits = line.substr(open + 1, line.size() - open - 2);
    if (digits.ends_with('+')) digits.remove_suffix(1);
    const auto size = to_integer(digits);
    if (!size || *size < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*size);
}

bool is_text_line(std::string_view line) {
    const auto first = take_word(line);
    return first == "+" || status_of(take_word(line)) != Status::none;
}

Result<Response> parse_response(std::string_view bytes) {
    if (bytes.ends_with(kLineEnd)) bytes.remove_suffix(kLineEnd.size());
    Response out;
    const auto whole = bytes;
    const auto first = take_word(bytes);
    if (first == "+") {
        out.kind = Response::Kind::go_on;
        out.text = bytes;
        return out;
    }
    if (first.empty() || first == whole) return fail(Fault::bad_input, "imap response: a tag and more was expected");
    if (first != "*") {
        out.kind = Response::Kind::tagged;
        out.tag = first;
    }
    auto rest = bytes;
    out.status = status_of(take_word(rest));
    if (out.status != Status::none) {
        CHECK_OK(read_status(rest, out));
        return out;
    }
    if (out.kind == Response::Kind::tagged) return fail(Fault::bad_input, "imap response: no status behind the tag");
    TRY(out.values, ValueParser(bytes).values('\0', 0));
    return out;
}

const Value* find_item(const std::vector<Value>& items, std::string_view name) {
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto& word = items[i];
        if (word.is(name)) return &items[i + 1];
        if (name.ends_with('[') && word.kind == Value::Kind::atom && word.text.size() > name.size() &&
            equal_ignoring_case(std::string_view(word.text).substr(0, name.size()), name))
            return &items[i + 1];
    }
    return nullptr;
}

}  // namespace tributary::connectors::imap
