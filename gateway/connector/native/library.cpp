#include "gateway/connector/native/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

namespace tributary::connector::native {
namespace {

using Entry = const tributary_plugin* (*)(std::uint32_t);

std::unexpected<Error> wrong(const std::filesystem::path& file, std::string what) {
    return fail(Fault::bad_config, std::move(what), "plug-in " + file.string());
}

Result<void> check_writers(const std::filesystem::path& file) {
    for (const auto& path : {file, file.parent_path()}) {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return wrong(file, "the library is not there");
        if (status.st_mode & S_IWOTH)
            return wrong(file, fmt::format("everybody may write {}, so it is not loaded: chmod o-w", path.string()));
    }
    return {};
}

}  // namespace

Result<void> Library::check(const std::filesystem::path& file) {
    CHECK_OK(check_writers(file));
    std::ifstream in(file, std::ios::binary);
    std::string magic(4, '\0');
    in.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    if (!in || magic !=
                   "\x7f"
                   "ELF")
        return wrong(file, "it is no shared library");
    return {};
}

Result<Library> Library::load(const std::filesystem::path& file) {
    CHECK_OK(check_writers(file));
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    // The loader's text names files and symbols alone.
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps it for each thread
    if (!handle) return wrong(file, fmt::format("it cannot be loaded: {}", ::dlerror()));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym is for
    const auto entry = reinterpret_cast<Entry>(::dlsym(handle, "tributary_plugin_entry"));
    if (!entry) return wrong(file, "it has no tributary_plugin_entry: it is no plug-in of Tributary");
    const auto* table = entry(TRIBUTARY_PLUGIN_ABI);
    if (!table)
        return wrong(
            file, fmt::format("it does not work with ABI version {}, which is this gateway's", TRIBUTARY_PLUGIN_ABI));
    if (table->abi != TRIBUTARY_PLUGIN_ABI)
        return wrong(file, fmt::format("it was built for ABI version {}, but this gateway has {}: build it with "
                                       "plugins/sdk of this version",
                                       table->abi, TRIBUTARY_PLUGIN_ABI));
    if (table->size < sizeof(tributary_plugin) || !table->open || !table->call || !table->release || !table->close)
        return wrong(file, fmt::format("its table has {} bytes, but {} are needed, with every function set",
                                       table->size, sizeof(tributary_plugin)));
    return Library(table);
}

std::string take(const tributary_plugin& table, tributary_answer& answer) {
    std::string out;
    if (answer.data) out.assign(answer.data, answer.size);
    table.release(&answer);
    return out;
}

}  // namespace tributary::connector::native
