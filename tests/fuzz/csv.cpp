// Rows do not depend on how the input was cut into chunks, and reading that goes on after a row finds the same rest.
#include "gateway/value/csv.hpp"

#include <cstdlib>

#include "gateway/value/json.hpp"

using namespace tributary::value;

namespace {

std::string rows_of(CsvReader& reader, std::string_view input, std::size_t chunk, std::size_t stop_after,
                    std::uint64_t* end, std::uint64_t* row, std::uint64_t* line) {
    std::string out;
    std::size_t rows = 0;
    for (bool finished = false; !finished;) {
        finished = input.empty();
        reader.feed(input.substr(0, chunk));
        input.remove_prefix(std::min(chunk, input.size()));
        for (;;) {
            auto next = finished ? reader.finish() : reader.next();
            if (!next) return out + "fatal";
            if (!*next) break;
            out += std::to_string((*next)->line) + ' ' + std::to_string((*next)->end) + ' ';
            out += (*next)->document ? to_json((*next)->document->root()) : (*next)->document.error().what;
            out += '\n';
            if (++rows == stop_after) {
                *end = (*next)->end;
                *row = (*next)->row;
                *line = (*next)->end_line;
                return out;
            }
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    const CsvOptions options{.max_row = 4096};
    std::uint64_t end = 0, row = 0, line = 0;
    auto whole_reader = CsvReader::make(options).value();
    const auto whole = rows_of(whole_reader, input, input.size() + 1, 0, &end, &row, &line);
    auto cut_reader = CsvReader::make(options).value();
    if (rows_of(cut_reader, input, data[0] + 1U, 0, &end, &row, &line) != whole) std::abort();
    auto first = CsvReader::make(options).value();
    const auto before = rows_of(first, input, data[0] + 1U, data[1] + 1U, &end, &row, &line);
    if (end == 0) return 0;
    auto second = CsvReader::make({.columns = first.columns(), .max_row = 4096}).value();
    second.resume(end, row, line);
    if (before + rows_of(second, input.substr(end), data[0] + 1U, 0, &end, &row, &line) != whole) std::abort();
    return 0;
}
