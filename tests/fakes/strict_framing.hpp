// StrictFraming: where requests begin and end in a stream of bytes, read by the letter of RFC 9112 and by nothing of
// ours: the other opinion for the server's parser. A server that finds another request than this one lets somebody
// smuggle.
//
// Only framing is judged. What a chunk extension says is left open, as it may not change where a chunk ends.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::fakes {

struct FramedRequest {
    std::string method, target, body;
};

struct Framing {
    enum class End {
        bytes,    // every request is whole, and nothing is left
        waits,    // for more bytes
        refused,  // what comes is no request
        closed,   // the last request asked for it: what follows is not read
    };
    std::vector<FramedRequest> requests;
    End end = End::bytes;
};

class StrictFraming {
  public:
    static Framing of(std::string_view bytes) { return StrictFraming(bytes).read(); }

  private:
    struct Head {
        FramedRequest request;
        bool http_1_0 = false, close = false, chunked = false;
        unsigned hosts = 0;
        std::optional<std::uint64_t> length;
    };
    struct Stop {
        Framing::End end;
    };

    explicit StrictFraming(std::string_view bytes) : rest_(bytes) {}

    Framing read() {
        Framing framing;
        try {
            while (!rest_.empty()) {
                auto head = read_head();
                if (head.chunked)
                    head.request.body = read_chunks();
                else if (head.length)
                    head.request.body = take(*head.length);
                framing.requests.push_back(std::move(head.request));
                if (head.close) throw Stop{Framing::End::closed};
            }
        } catch (const Stop& stop) {
            framing.end = stop.end;
        }
        return framing;
    }

    static void require(bool holds) {
        if (!holds) throw Stop{Framing::End::refused};
    }
    std::string take(std::uint64_t size) {
        if (rest_.size() < size) throw Stop{Framing::End::waits};
        std::string taken(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return taken;
    }
    // One line without its CRLF. CR and LF stand nowhere else.
    std::string line() {
        const auto end = rest_.find_first_of("\r\n");
        if (end == std::string_view::npos) throw Stop{Framing::End::waits};
        require(rest_[end] == '\r');
        if (end + 1 == rest_.size()) throw Stop{Framing::End::waits};
        require(rest_[end + 1] == '\n');
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(end + 2);
        return text;
    }

    static bool is_token(std::string_view text) {
        constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
        if (text.empty()) return false;
        for (const char c : text) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && kOther.find(c) == std::string_view::npos) return false;
        }
        return true;
    }
    static std::string lower(std::string_view text) {
        std::string out(text);
        for (auto& c : out)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        return out;
    }
    struct Field {
        std::string name, value;
    };
    static Field field(std::string_view text) {
        const auto colon = text.find(':');
        require(colon != std::string_view::npos && is_token(text.substr(0, colon)));
        auto value = text.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
        for (const char c : value) require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
        return {lower(text.substr(0, colon)), std::string(value)};
    }

    Head read_head() {
        Head head;
        read_request_line(head);
        for (auto text = line(); !text.empty(); text = line()) read_field(head, field(text));
        require(head.hosts == 1 || (head.http_1_0 && head.hosts == 0));
        require(!head.chunked || (!head.length && !head.http_1_0));
        return head;
    }

    static void check_target(std::string_view target) {
        require(!target.empty());
        for (const char c : target) require(c > 0x20 && c < 0x7f);
    }
    void read_request_line(Head& head) {
        const auto text = line();
        const auto first = text.find(' '), second = text.find(' ', first + 1);
        require(first != std::string::npos && second != std::string::npos);
        head.request.method = text.substr(0, first);
        head.request.target = text.substr(first + 1, second - first - 1);
        const auto version = text.substr(second + 1);
        require(is_token(head.request.method));
        check_target(head.request.target);
        require(version == "HTTP/1.1" || version == "HTTP/1.0");
        head.http_1_0 = head.close = version == "HTTP/1.0";
    }
    static void read_field(Head& head, const Field& one) {
        if (one.name == "host") ++head.hosts;
        if (one.name == "content-length") {
            require(!head.length && !one.value.empty());
            std::uint64_t length = 0;
            const char *begin = one.value.data(), *end = begin + one.value.size();
            const auto [rest, problem] = std::from_chars(begin, end, length);
            require(rest == end && problem == std::errc());
            head.length = length;
        }
        if (one.name == "transfer-encoding") {
            require(!head.chunked && lower(one.value) == "chunked");
            head.chunked = true;
        }
        if (one.name == "connection") read_connection(head, lower(one.value));
    }
    static void read_connection(Head& head, const std::string& options) {
        for (std::size_t begin = 0; begin <= options.size();) {
            const auto end = std::min(options.find(',', begin), options.size());
            auto option = std::string_view(options).substr(begin, end - begin);
            while (!option.empty() && (option.front() == ' ' || option.front() == '\t')) option.remove_prefix(1);
            while (!option.empty() && (option.back() == ' ' || option.back() == '\t')) option.remove_suffix(1);
            head.close = head.close || option == "close";
            begin = end + 1;
        }
    }

    std::string read_chunks() {
        std::string body;
        for (;;) {
            const auto text = line();
            const auto digits = text.substr(0, text.find_first_not_of("0123456789abcdefABCDEF"));
            require(!digits.empty() && (digits.size() == text.size() || text[digits.size()] == ';'));
            for (const char c : text) require(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
            std::uint64_t size = 0;
            const char *begin = digits.data(), *end = begin + digits.size();
            require(std::from_chars(begin, end, size, 16).ec == std::errc());
            if (size == 0) break;
            body += take(size);
            require(line().empty());
        }
        for (auto text = line(); !text.empty(); text = line()) field(text);
        return body;
    }

    std::string_view rest_;
};

// What is wrong when the server reads a stream as `ours`, in words; nullopt: nothing. It may refuse more than the
// letter does, and may notice later that a head which is not complete cannot become one.
inline std::optional<std::string> disagreement(const Framing& ours, const Framing& strict) {
    using End = Framing::End;
    if (ours.requests.size() > strict.requests.size()) return "a request is served that is none";
    for (std::size_t i = 0; i < ours.requests.size(); ++i) {
        const auto &mine = ours.requests[i], &theirs = strict.requests[i];
        if (mine.method != theirs.method || !theirs.target.ends_with(mine.target)) return "a request has another head";
        if (mine.body != theirs.body) return "a request has another body";
    }
    if (ours.end == End::refused) return std::nullopt;
    if (ours.requests.size() < strict.requests.size()) return "a request is not seen";
    if (ours.end == strict.end || (ours.end == End::waits && strict.end == End::refused)) return std::nullopt;
    return "what follows the last request is read in another way";
}

}  // namespace tributary::fakes
