// XML 1.0 in and out of Documents, by pugixml.
//
//   <order id="7"><line>a</line><line>b</line><note/></order>   {"order":{"@id":"7","line":["a","b"],"note":""}}
//
// Attributes are "@name", text beside attributes or children is "#text", an element with neither is its text, elements
// that come again make an array in the place of the first. Names keep their prefixes. White space between elements is
// dropped, other text is kept as it is. Everything is text: XML has no types.
// Refused: any DTD (so no entities of its own, no external ones), unknown entities, nesting beyond the limit, several
// roots, invalid characters, encodings other than UTF-8, UTF-16 and ISO-8859-1.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

struct XmlLimits {
    std::size_t depth = 64;  // at most 1024 is honoured
    std::size_t bytes = 64UL << 20;
};

// Fault::bad_input with the byte offset, counted in the text as UTF-8.
Result<Document> parse_xml(std::string_view bytes, XmlLimits limits = {});

// The reverse, with a declaration: REQUIRES an object of one member, the root element. bad_input when a key is no XML
// name or a text holds a character that XML cannot carry. Null and missing are empty elements, or no attribute.
Result<std::string> write_xml(Node document);

}  // namespace tributary::value
