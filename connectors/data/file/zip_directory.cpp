#include "connectors/data/file/zip_directory.hpp"

#include <algorithm>

namespace tributary::connectors::file {

namespace {

constexpr std::uint32_t kEnd = 0x06054b50, kEntry = 0x02014b50, kLocal = 0x04034b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30, kLocatorSize = 20, kEnd64Size = 56;
constexpr std::size_t kLongestComment = 0xFFFF, kMostEntries = 10'000, kMostDirectory = 4 << 20;

std::unexpected<Error> bad(const char* what) {
    return fail(Fault::bad_input, what);
}

// Little-endian numbers at a place that the caller has made sure of.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t out = 0;
    for (std::size_t i = size; i-- > 0;) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
    return out;
}
std::uint16_t u16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(number(bytes, at, 2));
}
std::uint32_t u32(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(number(bytes, at, 4));
}
std::uint64_t u64(std::string_view bytes, std::size_t at) {
    return number(bytes, at, 8);
}

struct Directory {
    std::uint64_t entries = 0, size = 0, begins = 0;
};

Result<Directory> find_directory(SourceFile& file, std::uint64_t size) {
    const auto tail = std::min<std::uint64_t>(size, kEndSize + kLongestComment);
    TRY(const auto bytes, file.read_at(size - tail, static_cast<std::size_t>(tail)));
    if (bytes.size() < kEndSize) return bad("the file is too short for a zip file");
    for (std::size_t at = bytes.size() - kEndSize + 1; at-- > 0;) {
        if (u32(bytes, at) != kEnd || at + kEndSize + u16(bytes, at + 20) > bytes.size()) continue;
        Directory found{u16(bytes, at + 10), u32(bytes, at + 12), u32(bytes, at + 16)};
        const bool large = found.entries == 0xFFFF || found.size == 0xFFFFFFFF || found.begins == 0xFFFFFFFF;
        if (!large) return found;
        if (at < kLocatorSize || u32(bytes, at - kLocatorSize) != kLocator64)
            return bad("the zip64 directory is missing");
        const auto record = u64(bytes, at - kLocatorSize + 8);
        if (record > size || size - record < kEnd64Size) return bad("the zip64 directory lies outside the file");
        TRY(const auto end, file.read_at(record, kEnd64Size));
        if (end.size() < kEnd64Size || u32(end, 0) != kEnd64) return bad("the zip64 directory is broken");
        return Directory{u64(end, 32), u64(end, 40), u64(end, 48)};
    }
    return bad("the file has no zip directory at its end: it is cut, or still being written");
}

// Sizes that do not fit 32 bits stand in the extra field 1, in the order in which they are missing.
Result<void> read_extra(std::string_view extra, ZipEntry& entry) {
    while (extra.size() >= 4) {
        const auto kind = u16(extra, 0), size = u16(extra, 2);
        if (size + 4U > extra.size()) return bad("an extra field of the zip directory is broken");
        auto field = extra.substr(4, size);
        extra.remove_prefix(4U + size);
        if (kind != 1) continue;
        for (auto* const value : {&entry.size, &entry.packed, &entry.header}) {
            if (*value != 0xFFFFFFFF) continue;
            if (field.size() < 8) return bad("an extra field of the zip directory is broken");
            *value = u64(field, 0);
            field.remove_prefix(8);
        }
    }
    return {};
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip_directory(SourceFile& file) {
    TRY(const auto stat, file.stat());
    TRY(const auto found, find_directory(file, stat.size));
    if (found.entries > kMostEntries || found.size > kMostDirectory) return bad("the zip directory is too large");
    if (found.begins > stat.size || found.size > stat.size - found.begins)
        return bad("the zip directory lies outside the file");
    TRY(const auto bytes, file.read_at(found.begins, static_cast<std::size_t>(found.size)));
    std::vector<ZipEntry> entries;
    std::string_view rest = bytes;
    for (std::uint64_t i = 0; i < found.entries; ++i) {
        if (rest.size() < kEntrySize || u32(rest, 0) != kEntry) return bad("the zip directory is broken");
        const std::size_t name = u16(rest, 28), extra = u16(rest, 30), comment = u16(rest, 32);
        if (rest.size() - kEntrySize < name + extra + comment) return bad("the zip directory is broken");
        ZipEntry entry{std::string(rest.substr(kEntrySize, name)),
                       u16(rest, 8),
                       u16(rest, 10),
                       u32(rest, 16),
                       u32(rest, 20),
                       u32(rest, 24),
                       u32(rest, 42)};
        CHECK_OK(read_extra(rest.substr(kEntrySize + name, extra), entry));
        if (entry.header > stat.size || entry.packed > stat.size - entry.header)
            return bad("an entry of the zip file lies outside it");
        entries.push_back(std::move(entry));
        rest.remove_prefix(kEntrySize + name + extra + comment);
    }
    return entries;
}

Result<Packed> locate(SourceFile& file, const ZipEntry& entry) {
    if ((entry.flags & 1) != 0) return bad("the zip file is encrypted: save it without a password");
    if (entry.method != 0 && entry.method != 8) return bad("the zip file is packed by another method than deflate");
    TRY(const auto local, file.read_at(entry.header, kLocalSize));
    if (local.size() < kLocalSize || u32(local, 0) != kLocal) return bad("an entry of the zip file is broken");
    return Packed{entry.method == 0 ? Packed::Form::stored : Packed::Form::deflated,
                  entry.header + kLocalSize + u16(local, 26) + u16(local, 28), entry.packed};
}

}  // namespace tributary::connectors::file
