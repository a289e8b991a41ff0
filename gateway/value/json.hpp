// JSON in and out of Documents (RFC 8259), on simdjson's structural index.
// Strict: the whole text is checked, also what no mapping reads. Refused: invalid UTF-8, lone surrogates, duplicate
// keys in one object, nesting beyond the limit, trailing characters, a byte order mark, numbers that JSON does not
// know.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

struct JsonLimits {
    std::size_t depth = 64;          // open objects and arrays; at most 1024 is honoured
    std::size_t bytes = 64UL << 20;  // at most 1 GiB is honoured
};

// Reuses its buffers from call to call. Not thread-safe: one for each thread.
class JsonParser {
  public:
    explicit JsonParser(JsonLimits limits = {});
    ~JsonParser();
    JsonParser(JsonParser&&) noexcept;
    JsonParser& operator=(JsonParser&&) noexcept;

    // Fault::bad_input with the byte offset and what was expected; never a piece of the text.
    Result<Document> parse(std::string_view text);
    // The same into a Document whose memory is used again: the fastest form for loops. Empty after an error.
    Result<void> parse_into(std::string_view text, Document& into);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// For places that parse once.
Result<Document> parse_json(std::string_view text, JsonLimits limits = {});

// Compact, keys in their order, UTF-8 as it is, control characters escaped. Missing is written as null.
void write_json(Node node, std::string& out);
std::string to_json(Node node);
// The same with two spaces of indent, for people.
std::string to_pretty_json(Node node);
// `text` as a JSON string with its quotes.
void write_json_string(std::string_view text, std::string& out);

}  // namespace tributary::value
