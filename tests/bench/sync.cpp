// A sync run end to end into SQLite, beside a bare loop written by hand in the same run: first run, then everything
// again unchanged. The engine maps, seals, keeps quarantine, checkpoints, counters and a fencing lease; the bare loop
// maps and writes. A second comparison lets the bare loop seal too, so that the price of sealing is visible.
//
//   bench_sync [--orders N | --file orders.ndjson] [--page N] [--rounds N] [--linked] [--directory D]
//   bench_sync --memory [--records N] [--seconds S]     resident memory while that many customers stream through
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "tests/bench/figures.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/resident.hpp"
#include "tests/bench/sync_baseline.hpp"
#include "tests/bench/sync_engine.hpp"

namespace {

using namespace tributary;

struct Settings {
    std::size_t orders = 40'000, page = 2000, records = 1'000'000;
    int rounds = 5;
    double seconds = 180;
    bool linked = false, memory = false;
    const char* file = nullptr;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
};

using bench::Rates;

Rates through_engine(const Settings& settings, const bench::Lines& lines) {
    bench::Engine engine(settings.directory);
    return bench::through_engine(engine, lines, settings.page, settings.linked);
}

Rates bare(const Settings& settings, const bench::Lines& lines, bench::Sealing sealing) {
    bench::Directory directory(settings.directory);
    bench::BareSync loop(directory.path() / "bare.db", settings.linked, sealing);
    const auto count = lines.lines.size();
    std::size_t written = 0;
    const auto first = bench::rate_of(count, [&] { written = loop.run(lines.lines, settings.page); });
    if (written < lines.lines.size()) std::exit(1);
    const auto again = bench::rate_of(count, [&] { written = loop.run(lines.lines, settings.page); });
    if (!settings.linked && written != 0) std::exit(1);
    return {first, again};
}

void compare(const Settings& settings) {
    const auto lines = settings.file ? bench::read_lines(settings.file) : bench::make_orders(settings.orders);
    if (lines.lines.empty()) fmt::print(stderr, "no orders in the file\n"), std::exit(2);
    fmt::print("{} orders of {} bytes, pages of {}{}\n", lines.lines.size(), lines.text.size() / lines.lines.size(),
               settings.page, settings.linked ? ", each with its customer" : "");
    bench::Rounds first, again, first_sealed, first_cpu, again_cpu;
    for (int round = 0; round < settings.rounds; ++round) {
        const auto plain = bare(settings, lines, bench::Sealing::none);
        const auto ours = through_engine(settings, lines);
        const auto sealed = bare(settings, lines, bench::Sealing::by_subject);
        first.add(ours.first.wall, plain.first.wall);
        again.add(ours.again.wall, plain.again.wall);
        first_sealed.add(ours.first.wall, sealed.first.wall);
        first_cpu.add(ours.first.cpu, plain.first.cpu);
        again_cpu.add(ours.again.cpu, plain.again.cpu);
        fmt::print(
            "  round {}: first run {:>7.0f}/s, bare {:>7.0f}/s, bare and sealing {:>7.0f}/s; again {:>7.0f}/s, "
            "bare {:>7.0f}/s\n",
            round + 1, ours.first.wall, plain.first.wall, sealed.first.wall, ours.again.wall, plain.again.wall);
        std::fflush(stdout);
    }
    const std::string what = settings.linked ? "sync with customers" : "sync";
    const double goal = settings.linked ? 0 : 0.60;
    bench::print_result(what + ", first run", first, "records/s", goal);
    bench::print_result(what + ", unchanged re-run", again, "records/s", goal);
    bench::print_result(what + ", first run, bare loop seals too", first_sealed, "records/s", 0);
    bench::print_result(what + ", first run, by CPU time", first_cpu, "records/CPU s", 0);
    bench::print_result(what + ", unchanged re-run, by CPU time", again_cpu, "records/CPU s", 0);
}

constexpr const char* kCustomerMapping = R"(
mapping: bench/customer
to: contact
fields:
  customer_number: { from: id, as: text }
  name.given: first_name
  name.family: last_name
  emails: [ email ]
  phones: [ { from: phone, region: country } ]
  language: locale
  created_at: created_at
  updated_at: updated_at
  addresses:
    - fields: { lines: [ street ], city: city, postal_code: zip, country: country }
)";

connector::SourceRecord make_customer(std::size_t i) {
    const auto& city = bench::kCities[i % bench::kCities.size()];
    return {
        std::to_string(i),
        fmt::format(
            R"({{"id":{0},"first_name":"{1}","last_name":"{2}","email":"customer.{0}@example.com","phone":"+1408{3:07}","locale":"en","created_at":"2024-03-01T10:00:00Z","updated_at":"2024-03-02T10:00:00Z","street":"{4} High Street","city":"{5}","zip":"{6}","country":"US","note":"asks for delivery in the morning, rings twice, leaves parcels with the neighbour","tags":"newsletter"}})",
            i, bench::kGiven[i % bench::kGiven.size()], bench::kFamily[i % bench::kFamily.size()], i, 1 + i % 999,
            city.city, city.postal_code),
        false};
}

void watch_memory(const Settings& settings) {
    bench::Engine engine(settings.directory);
    bench::connect(engine, kCustomerMapping,
                   std::make_unique<bench::NumberedSource>(settings.records, settings.page, make_customer));
    fmt::print("{} customers of {} bytes through one sync run, pages of {}\n", settings.records,
               make_customer(1234).json.size(), settings.page);
    std::stop_source stop;
    const auto begin = std::chrono::steady_clock::now();
    const auto step = std::max<std::uint64_t>(settings.records / 10, 1);
    std::vector<double> seen;
    double peak = 0;
    flow::SyncOptions options;
    options.on_page = [&](const flow::SyncProgress& progress) {
        const double now = bench::resident();
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        peak = std::max(peak, now);
        if (took > settings.seconds) stop.request_stop();
        if (progress.records / step == seen.size()) return;
        seen.push_back(now);
        fmt::print("  {:>8} records, {:>6.1f} s: {:>6.1f} MB\n", progress.records, took, now);
        std::fflush(stdout);
    };
    const auto progress = bench::sync(engine, std::move(options), stop.get_token());
    if (progress.records < settings.records)
        fmt::print("  ended after {:.0f} s with {} of {} records\n", settings.seconds, progress.records,
                   settings.records);
    fmt::print("result: memory, peak over {} records | {:.0f} MB | at most 300 MB | {:.2f} | 1.00\n", progress.records,
               peak, 300 / peak);
    if (seen.size() < 6) return;  // too few to tell growth from caches that fill
    const double middle = seen[seen.size() / 2];
    fmt::print("result: memory, end against middle of the run | {:.0f} MB | {:.0f} MB | {:.2f} | 0.90\n", seen.back(),
               middle, middle / seen.back());
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    settings.linked = options.flag("--linked");
    settings.memory = options.flag("--memory");
    options.value("--orders", settings.orders)
        .value("--page", settings.page)
        .value("--records", settings.records)
        .value("--rounds", settings.rounds)
        .value("--seconds", settings.seconds)
        .value("--file", settings.file)
        .value("--directory", settings.directory)
        .end();
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    if (settings.memory)
        watch_memory(settings);
    else
        compare(settings);
}
