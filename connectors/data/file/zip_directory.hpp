// ZipDirectory: what a zip file holds (PKWARE APPNOTE 6.3, zip64 too), read from its end. Foreign bytes: every number
// is checked against the file before it is used.
#pragma once

#include <string>
#include <vector>

#include "connectors/data/file/inflate_stream.hpp"
#include "connectors/data/file/source_file.hpp"

namespace tributary::connectors::file {

struct ZipEntry {
    std::string name;
    std::uint16_t flags = 0, method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0, size = 0, header = 0;
};

// bad_input: no zip file, or a broken one. At most 10,000 entries and 4 MB of directory.
Result<std::vector<ZipEntry>> read_zip_directory(SourceFile& file);
// Where its bytes lie. bad_input: encrypted, an unknown method, or the local header does not fit.
Result<Packed> locate(SourceFile& file, const ZipEntry& entry);

}  // namespace tributary::connectors::file
