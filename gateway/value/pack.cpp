#include "gateway/value/pack.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace tributary::value {
namespace {

struct CloseArchive {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct CloseEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using ArchiveWriter = std::unique_ptr<archive, CloseArchive>;

la_ssize_t append_bytes(archive*, void* into, const void* bytes, std::size_t size) {
    static_cast<std::string*>(into)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

std::unexpected<Error> unwritable(archive* writer) {
    const auto* why = archive_error_string(writer);
    return fail(Fault::internal, std::string("the archive cannot be written: ") + (why ? why : "no reason given"));
}

Result<void> add_file(archive* writer, const PackedFile& file) {
    const std::unique_ptr<archive_entry, CloseEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), file.name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) return unwritable(writer);
    const auto written = archive_write_data(writer, file.bytes.data(), file.bytes.size());
    if (written != static_cast<la_ssize_t>(file.bytes.size())) return unwritable(writer);
    return {};
}

}  // namespace

Result<std::string> pack_zip(const std::vector<PackedFile>& files, const std::string& passphrase) {
    std::string out;
    const ArchiveWriter writer(archive_write_new());
    if (archive_write_set_format_zip(writer.get()) != ARCHIVE_OK ||
        archive_write_set_options(writer.get(), "zip:encryption=aes256") != ARCHIVE_OK ||
        archive_write_set_passphrase(writer.get(), passphrase.c_str()) != ARCHIVE_OK ||
        archive_write_open(writer.get(), &out, nullptr, append_bytes, nullptr) != ARCHIVE_OK)
        return unwritable(writer.get());
    for (const auto& file : files) CHECK_OK(add_file(writer.get(), file));
    if (archive_write_close(writer.get()) != ARCHIVE_OK) return unwritable(writer.get());
    return out;
}

}  // namespace tributary::value
