// application/x-www-form-urlencoded (WHATWG URL section 5): one object of texts; a key that comes again makes an array.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

// "a=1&b=x+y&a=2" is {"a":["1","2"],"b":"x y"}. Refused: a broken %XX, a name or value that is not UTF-8, more than
// `max_fields` fields. Also reads the query of a URL (without its '?').
Result<Document> parse_form(std::string_view text, std::size_t max_fields = 10000);

// REQUIRES: an object of scalars and arrays of scalars; null and missing are written as an empty value.
std::string write_form(Node object);

}  // namespace tributary::value
