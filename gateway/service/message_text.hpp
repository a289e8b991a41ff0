// The text of a message as rules read it and as it stands in a case: without HTML tags, quoted lines and addresses of
// pages, and folded for the search of words. Input is foreign; any bytes give some text, in linear time.
#pragma once

#include <string>
#include <string_view>

namespace tributary::service {

// Text of an HTML body: tags, comments, scripts and styles away, paragraphs on lines of their own, the common entities
// decoded. Not a renderer: what a style sheet hides stays.
std::string text_of_html(std::string_view html);
// Without the lines that quote somebody else (they begin with >) and what follows a line "-- ", the sign of a
// signature.
std::string own_words(std::string_view text);
// Without http and https addresses, whose question marks ask nothing.
std::string without_urls(std::string_view text);
// One form for all spellings: NFKC, case folded, accents of Latin letters away (ü is u, ß is ss), one
// apostrophe, blanks collapsed.
std::string fold(std::string_view text);

}  // namespace tributary::service
