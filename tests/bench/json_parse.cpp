// Parses each line of an NDJSON file into a Document, beside simdjson's DOM on the same lines.
// usage: bench_json_parse FILE.ndjson [SECONDS]; prints records/s and MB/s of CPU time, and the ratio to simdjson DOM.
#include <simdjson.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "gateway/value/json.hpp"
#include "tests/bench/figures.hpp"

namespace {

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Whole passes over all lines until the time is over; the best of three is reported, since neighbours disturb.
double records_per_second(const std::vector<std::string>& lines, double seconds,
                          const std::function<bool(const std::string&)>& parse) {
    double best = 0;
    for (int round = 0; round < 3; ++round) {
        const double start = cpu_seconds();
        double records = 0;
        do {
            for (const auto& line : lines) {
                if (!parse(line)) {
                    std::cerr << "a line was refused\n";
                    std::exit(1);
                }
            }
            records += static_cast<double>(lines.size());
        } while (cpu_seconds() - start < seconds / 3);
        best = std::max(best, records / (cpu_seconds() - start));
    }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: bench_json_parse FILE.ndjson [SECONDS]\n";
        return 2;
    }
    const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
    std::vector<std::string> lines;
    std::ifstream file(argv[1]);
    double bytes = 0;
    for (std::string line; std::getline(file, line);) {
        line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
        bytes += static_cast<double>(line.size());
        lines.push_back(line);
    }
    if (lines.empty()) {
        std::cerr << "no lines in " << argv[1] << "\n";
        return 1;
    }
    const double size = bytes / static_cast<double>(lines.size());

    simdjson::dom::parser dom;
    tributary::value::JsonParser parser;
    tributary::value::Document document;
    const double baseline = records_per_second(
        lines, seconds, [&](const std::string& line) { return dom.parse(line).error() == simdjson::SUCCESS; });
    const auto report = [&](const char* name, double rate) {
        std::cout << name << ": " << static_cast<long>(rate) << " records/s, " << static_cast<long>(rate * size / 1e6)
                  << " MB/s, " << rate / baseline << " of simdjson DOM\n";
        return rate;
    };
    report("simdjson DOM", baseline);
    bench::Rounds rounds;
    rounds.add(report("parse_into  ", records_per_second(lines, seconds,
                                                         [&](const std::string& line) {
                                                             return parser.parse_into(line, document).has_value();
                                                         })),
               baseline);
    report("parse       ",
           records_per_second(lines, seconds, [&](const std::string& line) { return parser.parse(line).has_value(); }));
    std::string out;
    report("write_json  ", records_per_second(lines, seconds, [&](const std::string& line) {
               out.clear();
               if (!parser.parse_into(line, document)) return false;
               write_json(document.root(), out);
               return true;
           }));
    bench::print_result("JSON into values", rounds, "records/s", 0);
    return 0;
}
