// DecodedFile: a text in another encoding as UTF-8, by the C library's iconv.
#pragma once

#include <memory>
#include <string>

#include "connectors/data/file/source_file.hpp"

namespace tributary::connectors::file {

// Whether iconv knows it: windows-1252, iso-8859-15, utf-16, gb18030, shift_jis, ...
bool known_encoding(const std::string& name);
// bad_input names the byte where the text is not what the encoding allows. REQUIRES: known_encoding(encoding).
std::unique_ptr<SourceFile> open_decoded(std::unique_ptr<SourceFile> text, const std::string& encoding);

}  // namespace tributary::connectors::file
