// A workbook read as NDJSON does not depend on how it is cut into pieces, and stays within its bounds. So for gzip.
#include <algorithm>
#include <cstdlib>

#include "connectors/data/file/inflate_stream.hpp"
#include "connectors/data/file/xlsx_file.hpp"

using namespace tributary;
using namespace tributary::connectors::file;

namespace {

constexpr std::uint64_t kMost = 4 << 20;

class Memory final : public SourceFile {
  public:
    explicit Memory(std::string_view bytes) : bytes_(bytes) {}
    Result<FileStat> stat() override { return FileStat{bytes_.size(), 0, {}}; }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        return std::string(bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()), size));
    }

  private:
    std::string_view bytes_;
};

// "!" is what could not be read to its end.
std::string read_all(SourceFile& file, std::size_t piece) {
    std::string out;
    while (out.size() <= 2 * kMost) {
        const auto some = file.read_at(out.size(), piece);
        if (!some) return "!";
        if (some->empty()) return out;
        out += *some;
    }
    return out.substr(0, 2 * kMost);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto xlsx = [&] {
        XlsxOptions options;
        options.most_unpacked = kMost;
        options.longest_row = 64 << 10;
        return open_xlsx(std::make_unique<Memory>(input), options);
    };
    const auto gzip = [&] { return open_gzip(std::make_unique<Memory>(input), kMost); };
    if (read_all(*xlsx(), 1 << 20) != read_all(*xlsx(), 1000 + data[0])) std::abort();
    if (read_all(*gzip(), 1 << 20) != read_all(*gzip(), 1000 + data[0])) std::abort();
    return 0;
}
