// Mapping a shop order: the compiled plan against a strict mapper written by hand over simdjson's DOM, in the same run.
// Both parse the whole text, map 29 canonical fields and the lines, and write the same JSON; the bytes are compared
// before anything is timed. CPU time of one thread; rounds alternate.
//
//   bench_mapping [orders.ndjson]          without a file it makes 4000 orders like those of a shop's API itself
//   bench_mapping --write orders.ndjson    writes those orders, for other benches
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/mapping_baseline.hpp"
#include "tests/bench/mapping_data.hpp"
#include "tests/bench/mapping_text.hpp"

namespace {

using namespace tributary;

constexpr int kRounds = 7;
constexpr std::size_t kRecordsPerRound = 40'000;

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Engine {
    const mapping::Plan& plan;
    value::JsonParser parser{};
    mapping::Scratch scratch{};

    bool map(std::string_view line, std::string& out) {
        const auto document = parser.parse(line);
        if (!document) return false;
        const auto mapped = plan.run(document->root(), scratch);
        if (!mapped.accepted()) return false;
        for (const auto& record : mapped.records) {
            value::write_json(record.document.root(), out);
            out += '\n';
        }
        return true;
    }
};

// Records each second.
template <class Mapper>
double rate(Mapper& mapper, const bench::Lines& lines) {
    std::string out;
    const auto start = cpu_seconds();
    std::size_t done = 0;
    while (done < kRecordsPerRound) {
        for (const auto line : lines.lines) {
            out.clear();
            if (!mapper.map(line, out)) std::abort();  // verified before
            if (++done == kRecordsPerRound) break;
        }
    }
    return static_cast<double>(kRecordsPerRound) / (cpu_seconds() - start);
}

bool same_output(Engine& engine, bench::Baseline& baseline, const bench::Lines& lines) {
    std::string ours, theirs;
    std::size_t number = 0, bytes = 0;
    for (const auto line : lines.lines) {
        ours.clear();
        theirs.clear();
        ++number;
        if (!engine.map(line, ours)) {
            const auto document = value::parse_json(line);
            std::string why = document ? "" : document.error().text();
            if (document)
                for (const auto& issue : engine.plan.run(document->root(), engine.scratch).issues)
                    why += issue.text() + "; ";
            fmt::print(stderr, "order {}: not mapped: {}\n", number, why);
            return false;
        }
        if (!baseline.map(line, theirs) || ours != theirs) {
            fmt::print(stderr, "order {}: outputs differ:\n{}\n{}\n", number, ours, theirs);
            return false;
        }
        bytes += ours.size();
    }
    fmt::print("{} orders, {} bytes each in, {} out; outputs are equal\n", lines.lines.size(),
               lines.text.size() / lines.lines.size(), bytes / lines.lines.size());
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 2 && arguments[1] == std::string_view("--write")) {
        std::ofstream out(arguments[2], std::ios::binary);
        return out << bench::make_orders(4000).text << std::flush ? 0 : 1;
    }
    const auto lines = count > 1 ? bench::read_lines(arguments[1]) : bench::make_orders(4000);
    if (lines.lines.empty()) {
        fmt::print(stderr, "no orders in the file\n");
        return 2;
    }
    spec::Problems problems;
    const auto model = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
    const auto plan =
        model ? mapping::compile_text(bench::order_mapping(true), "bench/order", *model, {}, problems) : nullptr;
    if (!plan) {
        fmt::print(stderr, "{}", problems.text());
        return 2;
    }
    Engine engine{*plan};
    bench::Baseline baseline;
    if (!same_output(engine, baseline, lines)) return 1;
    bench::Rounds rounds;
    for (int round = 0; round < kRounds; ++round) {
        const double theirs = rate(baseline, lines);
        rounds.add(rate(engine, lines), theirs);
    }
    fmt::print("hand-written, simdjson DOM  {:8.0f} records/s\ncompiled plan               {:8.0f} records/s\n",
               bench::median(rounds.theirs), bench::median(rounds.ours));
    bench::print_result("mapping", rounds, "records/s", 0.60);
}
