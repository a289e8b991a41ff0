// multipart/form-data (RFC 7578) as webhooks carry it: one object, a member for each field; a name that comes again
// makes an array.
//
//   a field       its text, when that is UTF-8; else {"base64": "..."}
//   a file        {"filename": "a.pdf", "content_type": "application/pdf", "size": 1234, "base64": "..."}
// The boundary is taken from the body's own first line, so the Content-Type header is not needed: what was kept of a
// webhook is its body.
#pragma once

#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

// Whether the text begins as a multipart body does: "--", a boundary of RFC 2046, and a line end.
bool looks_multipart(std::string_view body);

// bad_input with the number of the part: no boundary, a part without a name or without its end, too many parts.
Result<Document> parse_multipart(std::string_view body, std::size_t max_parts = 1000);

}  // namespace tributary::value
