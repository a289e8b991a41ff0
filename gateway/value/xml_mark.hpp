// Cuts XML into its marks without understanding them: the next tag, comment, section or run of text. What must be known
// before a parser sees the text, and what a stream is split by, both stand on it.
#pragma once

#include <cstddef>
#include <string_view>

namespace tributary::value {

struct XmlMark {
    enum class Kind {
        more,         // not complete in what was given
        text,         // up to the next '<' or the end of what was given
        open,         // <a ...>
        close,        // </a>
        empty,        // <a ... />
        comment,      // <!-- -->
        cdata,        // <![CDATA[ ]]>
        instruction,  // <? ?>, the XML declaration too
        declaration,  // <!DOCTYPE and any other <!; its size is not known
    };
    Kind kind = Kind::more;
    std::size_t size = 0;   // with its delimiters
    std::string_view name;  // of an open, close or empty tag
};

// REQUIRES: `rest` is not empty and begins at the border of a mark.
XmlMark next_xml_mark(std::string_view rest);

}  // namespace tributary::value
