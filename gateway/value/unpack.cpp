#include "gateway/value/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tributary::value {

namespace {

constexpr std::size_t kPiece = 64 << 10;

struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Free>;

std::unexpected<Error> broken(Packing packing) {
    return fail(Fault::bad_input,
                packing == Packing::zip ? "this is no zip archive, or a broken one" : "this is not gzip, or it is cut");
}

Reader open(std::string_view packed, Packing packing) {
    Reader reader(archive_read_new());
    if (packing == Packing::zip) {
        archive_read_support_format_zip_seekable(reader.get());
    } else {
        archive_read_support_filter_gzip(reader.get());
        archive_read_support_format_raw(reader.get());
    }
    if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK) reader.reset();
    return reader;
}

// Without the magic number libarchive would hand the bytes on as they are.
bool is_gzip(std::string_view packed) {
    return packed.starts_with("\x1F\x8B");
}

}  // namespace

Result<std::string> unpack(std::string_view packed, Packing packing, std::size_t most) {
    if (packing == Packing::none) return std::string(packed);
    if (packing == Packing::gzip && !is_gzip(packed)) return broken(packing);
    const auto reader = open(packed, packing);
    if (!reader) return broken(packing);
    std::string out;
    bool found = false;
    for (archive_entry* entry = nullptr;;) {
        const auto next = archive_read_next_header(reader.get(), &entry);
        if (next == ARCHIVE_EOF) break;
        if (next != ARCHIVE_OK) return broken(packing);
        if (packing == Packing::zip && archive_entry_filetype(entry) == AE_IFDIR) continue;
        if (found) return fail(Fault::bad_input, "the archive holds more than one file");
        found = true;
        for (;;) {
            const auto before = out.size();
            out.resize(before + kPiece);
            const auto got = archive_read_data(reader.get(), out.data() + before, kPiece);
            out.resize(before + static_cast<std::size_t>(std::max<la_ssize_t>(got, 0)));
            if (got < 0) return broken(packing);
            if (got == 0) break;
            if (out.size() > most)
                return fail(Fault::bad_input, fmt::format("the archive holds more than {} bytes", most));
        }
    }
    if (!found) return fail(Fault::bad_input, "the archive is empty");
    return out;
}

}  // namespace tributary::value
