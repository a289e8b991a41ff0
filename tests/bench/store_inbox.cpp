// Durable webhook puts into the store, beside a bare SQLite group commit in the same run: one hand-written writer
// thread, the same pragmas, the same table shape, the same clients.
//
//     bench_store_inbox [--seconds S] [--clients N] [--rounds R] [--directory D]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/log.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "tests/bench/bare_writer.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/options.hpp"

namespace {

using namespace tributary;
using bench::BareWriter;

struct Settings {
    double seconds = 3;
    std::size_t clients = 256;
    int rounds = 3;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
};

constexpr std::size_t kBodySize = 1024;

store::Digest key_of(std::uint64_t number) {
    return crypto::sha256(std::to_string(number));
}

// Closed-loop clients on one thread, as an I/O thread of the gateway would carry them.
class Clients {
  public:
    explicit Clients(std::size_t count) {
        for (std::size_t client = 0; client < count; ++client) idle_.push_back(client);
    }
    void acknowledge(std::size_t client) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(client);
        }
        wake_.notify_one();
        ++acknowledged_;
    }
    // Puts per second, acknowledged ones alone.
    template <class Put>
    double drive(double seconds, Put&& put) {
        const auto begin = std::chrono::steady_clock::now();
        const auto end = begin + std::chrono::duration<double>(seconds);
        std::vector<std::size_t> ready;
        while (std::chrono::steady_clock::now() < end) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait_for(lock, std::chrono::milliseconds(50), [this] { return !idle_.empty(); });
                std::swap(ready, idle_);
            }
            for (const auto client : ready) put(client, entry());
            ready.clear();
        }
        const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return static_cast<double>(acknowledged_.load()) / took;
    }

  private:
    store::InboxEntry entry() {
        ++number_;
        return {"webshop",
                key_of(number_),
                "orders/create",
                Timestamp{Milliseconds{static_cast<std::int64_t>(number_)}},
                "content-type: application/json",
                std::string(kBodySize, static_cast<char>('a' + number_ % 26))};
    }
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::size_t> idle_;
    std::atomic<std::uint64_t> acknowledged_ = 0;
    std::uint64_t number_ = 0;
};

double measure_bare(const std::filesystem::path& directory, const Settings& settings) {
    Clients clients(settings.clients);
    BareWriter writer(directory / "bare.db", [&](std::size_t client) { clients.acknowledge(client); });
    return clients.drive(settings.seconds,
                         [&](std::size_t client, store::InboxEntry entry) { writer.put(client, std::move(entry)); });
}

double measure_store(const std::filesystem::path& directory, const Settings& settings) {
    SystemClock clock;
    Log log;
    Clients clients(settings.clients);
    auto store = store::open_sqlite({.path = directory / "store.db"}, clock, log);
    if (!store) {
        fmt::print(stderr, "{}\n", store.error().text());
        std::exit(1);
    }
    return clients.drive(settings.seconds, [&](std::size_t client, store::InboxEntry entry) {
        (*store)->accept(std::move(entry), [&clients, client](Result<store::Accepted> outcome) {
            if (outcome) clients.acknowledge(client);
        });
    });
}

double in_fresh_directory(const Settings& settings, double (*measure)(const std::filesystem::path&, const Settings&)) {
    const auto directory = settings.directory / fmt::format("tributary-bench-{}", ::getpid());
    std::filesystem::create_directories(directory);
    const auto rate = measure(directory, settings);
    std::filesystem::remove_all(directory);
    return rate;
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    options.value("--seconds", settings.seconds)
        .value("--clients", settings.clients)
        .value("--rounds", settings.rounds)
        .value("--directory", settings.directory)
        .end();
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    bench::Rounds rounds;
    fmt::print("durable inbox puts of {} bytes, {} clients, fsync each commit\n", kBodySize, settings.clients);
    for (int round = 0; round < settings.rounds; ++round) {
        // The two take turns at going first, so that a disk that slows down favours neither.
        const bool bare_first = round % 2 == 0;
        double bare = bare_first ? in_fresh_directory(settings, measure_bare) : 0;
        const double through_store = in_fresh_directory(settings, measure_store);
        if (!bare_first) bare = in_fresh_directory(settings, measure_bare);
        rounds.add(through_store, bare);
        fmt::print("  round {}: bare {:>9.0f}/s   store {:>9.0f}/s\n", round + 1, bare, through_store);
    }
    bench::print_result("inbox puts", rounds, "puts/s", 0.80);
    return 0;
}
