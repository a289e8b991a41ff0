// Pulls a large CSV file through the file connector, page by page as a sync job does, beside a bare loop that reads the
// same file with getline and splits each line. Prints records/s, the ratio, and the peak memory.
// usage: bench_file_source [MEGABYTES]
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "connectors/data/file/file_source.hpp"
#include "gateway/base/text.hpp"

using namespace tributary;

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void write_file(const std::filesystem::path& path, std::uintmax_t megabytes) {
    std::ofstream out(path, std::ios::binary);
    out << "id,name,email,street,city,country,total,note\n";
    for (std::size_t i = 0; static_cast<std::uintmax_t>(out.tellp()) < megabytes << 20; ++i) {
        out << i << ",\"Customer, No. " << i << "\",customer" << i << "@example.com,5th Avenue " << i % 900
            << ",Berlin,DE," << i % 100000 << ".50,\"says \"\"hello\"\" to everybody\"\n";
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1024;
    const auto directory = std::filesystem::temp_directory_path() / ("tributary-bench-" + std::to_string(getpid()));
    std::filesystem::create_directory(directory);
    const auto path = directory / "customers.csv";
    write_file(path, megabytes);

    double start = seconds();
    std::size_t bare = 0, fields = 0;
    std::ifstream in(path, std::ios::binary);
    for (std::string line; std::getline(in, line); ++bare) fields += split(line, ',').size();
    const double bare_rate = static_cast<double>(bare) / (seconds() - start);
    const double before = peak_megabytes();

    run::Loop loop("bench");
    run::Pool pool("bench", 1);
    FakeClock clock(Timestamp(std::chrono::hours(24 * 365 * 100)));
    connectors::file::FileSettings settings;
    settings.streams["customers"] = {.directory = directory,
                                     .pattern = "customers.csv",
                                     .key = connectors::RecordTemplate::field("id"),
                                     .max_record = 1 << 20};
    const auto location = connectors::file::make_local_location();
    connectors::file::FileSource source(settings, *location, clock, pool);
    start = seconds();
    std::size_t records = 0;
    connector::Cursor cursor;
    for (bool last = false; !last;) {
        auto page = run::run_blocking(loop, source.pull("customers", cursor));
        if (!page) {
            std::cerr << page.error().text() << '\n';
            return 1;
        }
        records += page->records.size();
        cursor = std::move(page->cursor);
        last = page->last;
    }
    const double rate = static_cast<double>(records) / (seconds() - start);
    std::cout << "getline and split: " << static_cast<long>(bare_rate) << " rows/s (" << fields << " fields)\n"
              << "file source: " << records << " records, " << static_cast<long>(rate) << " records/s, "
              << static_cast<long>(rate / static_cast<double>(records) * static_cast<double>(megabytes)) << " MB/s, "
              << rate / bare_rate << " of getline and split\n"
              << "peak memory: " << before << " MB before, " << peak_megabytes() << " MB after " << megabytes
              << " MB\n";
    std::filesystem::remove_all(directory);
    return 0;
}
