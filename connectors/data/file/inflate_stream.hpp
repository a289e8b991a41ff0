// InflateStream: deflated bytes of a file, unpacked piece by piece: RFC 1951 (in a zip), 1952 (gzip, members one after
// the other). Memory is one piece; the sum is bounded, so a small file cannot become an endless one.
#pragma once

#include <memory>

#include "connectors/data/file/source_file.hpp"

namespace tributary::connectors::file {

struct Packed {
    enum class Form { stored, deflated, gzip };
    Form form = Form::gzip;
    std::uint64_t begins = 0;
    std::uint64_t size = UINT64_MAX;  // packed; the rest of the file
};

class InflateStream {
  public:
    // REQUIRES: `file` outlives this.
    InflateStream(SourceFile& file, Packed packed, std::uint64_t most);
    ~InflateStream();
    InflateStream(InflateStream&&) noexcept;
    InflateStream& operator=(InflateStream&&) noexcept;

    // Appends up to 64 KB. False: the end was reached, and it was whole. bad_input: broken, cut, or more than `most`.
    Result<bool> more(std::string& out);
    std::uint32_t crc() const;  // CRC-32 of all that came out
    std::uint64_t size() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A .gz file as what is in it.
std::unique_ptr<SourceFile> open_gzip(std::unique_ptr<SourceFile> packed, std::uint64_t most);

}  // namespace tributary::connectors::file
