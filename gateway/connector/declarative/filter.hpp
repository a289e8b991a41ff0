// Filter: one step that changes a value inside a template. A closed list; everything richer belongs in a mapping.
//
//   base64 base64url from_base64 hex lower upper text integer url    of a single value
//   json                     any value as JSON text
//   host                     host and port of a URL
//   first                    the first element of a list
//   pluck(field)             the list of that field of each element
//   wrap(word)               each element of a list as [word, element]
//   objects(name)            each element of a list as {name: element}
//   where(field, text)       the elements whose field is that text
//   without(name, field...)  the elements that have no match in the list `name`, comparing the given fields as text;
//                            mine=theirs compares fields of different names
//   set(field, text)         each element with that member set
//   relate(field, name, by, give)   each element with its field replaced by `give` of the row in the list `name` whose
//                            `by` is the field's value; left out when there is none
//   or(name)                 the value of `name` when this one is missing, null or empty
//   default(text)            `text` when the value is missing, null or empty; default([]) is an empty list
//   after(prefix)            the text without that prefix, when it has it
//   part(sign, n)            the n-th piece, counted from 1, of a text with that sign between its pieces
//   doubled(sign)            the text with that sign written twice: ' inside the quotes of OData
//   escaped(sign)            the text with a backslash before that sign and before each backslash: ' in SOQL
//   time(form) time(pattern, zone)   a moment, such as {now}, as rfc3339, unix, unix_ms, odata_v2 or a pattern
//                            writes it, by the wall clock of that zone: time(%Y-%m-%d %H:%M:%S, Asia/Shanghai)
//   plus(2d)                 a moment that much later, in RFC 3339
//   xml                      the text as it may stand in XML
//   tid(name)                a time (RFC 3339) as a record key of the AT Protocol; `name` tells apart what has one time
//   uuid                     a UUID (version 8) that is always the same for the same text
//   sha256 md5 hmac_sha256(name) hmac_sha1(name) hmac_md5(name)    a digest's raw bytes; `name` holds the key
// Missing and null values pass through all but `or`, `default` and `json`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/declarative/scope.hpp"

namespace tributary::connector {

struct Filter {
    std::string name;
    std::vector<std::string> arguments;
};

// Fault::bad_config: not in the list, a wrong number of arguments.
Result<Filter> parse_filter(std::string_view text);
// The argument that is a name, for the filters that take one.
const std::string* name_in(const Filter& filter);

// `kept` holds the document that the result points into, when it made one.
Result<Scope::Found> apply(const Filter& filter, Scope::Found value, const Scope& scope, value::Document& kept);

}  // namespace tributary::connector
