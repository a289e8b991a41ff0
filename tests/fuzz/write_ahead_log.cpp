// The check of a write-ahead log: no bytes make it read beyond them, and only damage makes it refuse.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/store/sqlite/log_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int file = ::memfd_create("log", MFD_CLOEXEC);
    if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
    const auto sound = tributary::store::check_log("/proc/self/fd/" + std::to_string(file));
    ::close(file);
    if (!sound && sound.error().what.find("damaged") == std::string::npos) std::abort();
    return 0;
}
