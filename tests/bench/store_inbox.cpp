// Durable webhook puts into the store, beside a bare SQLite group commit in the same run: one hand-written writer
// thread, the same pragmas, the same table shape, the same clients.
//
//     bench_store_inbox [--seconds S] [--clients N] [--rounds R] [--directory D]
#include <fmt/format.h>
#include <sqlite3.h>
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

namespace {

using namespace tributary;

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

// What each client has under way: one put, and the next as soon as that one is acknowledged.
using Acknowledge = std::function<void(std::size_t client)>;

// The baseline: nothing but prepared statements around a queue.
class BareWriter {
  public:
    BareWriter(const std::filesystem::path& path, Acknowledge acknowledge) : acknowledge_(std::move(acknowledge)) {
        must(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                             nullptr));
        execute(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000; PRAGMA "
            "cache_size=-65536");
        execute(
            "CREATE TABLE seen (connection INTEGER, key BLOB, at INTEGER, PRIMARY KEY (connection, key)) WITHOUT "
            "ROWID");
        execute(
            "CREATE TABLE inbox (id INTEGER PRIMARY KEY, connection INTEGER, at INTEGER, key BLOB, topic TEXT, headers "
            "BLOB, "
            "body BLOB)");
        see_ = prepare("INSERT OR IGNORE INTO seen VALUES (?1, ?2, ?3)");
        insert_ =
            prepare("INSERT INTO inbox (connection, at, key, topic, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        begin_ = prepare("BEGIN IMMEDIATE");
        commit_ = prepare("COMMIT");
        thread_ = std::thread([this] { run(); });
    }
    ~BareWriter() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
        for (auto* statement : {see_, insert_, begin_, commit_}) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }
    void put(std::size_t client, store::InboxEntry entry) {
        {
            const std::lock_guard lock(mutex_);
            queue_.emplace_back(client, std::move(entry));
        }
        wake_.notify_one();
    }

  private:
    struct Put {
        std::size_t client;
        store::InboxEntry entry;
    };
    void must(int code) const {
        if (code == SQLITE_OK || code == SQLITE_DONE) return;
        fmt::print(stderr, "baseline: {}\n", sqlite3_errmsg(db_));
        std::exit(1);
    }
    void execute(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        must(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    void step(sqlite3_stmt* statement) {
        must(sqlite3_step(statement));
        sqlite3_reset(statement);
    }
    void insert(const store::InboxEntry& entry) {
        const auto at = entry.received_at.time_since_epoch().count();
        sqlite3_bind_int64(see_, 1, 1);
        sqlite3_bind_blob(see_, 2, entry.dedup_key.data(), 32, SQLITE_STATIC);
        sqlite3_bind_int64(see_, 3, at);
        step(see_);
        if (sqlite3_changes(db_) == 0) return;
        sqlite3_bind_int64(insert_, 1, 1);
        sqlite3_bind_int64(insert_, 2, at);
        sqlite3_bind_blob(insert_, 3, entry.dedup_key.data(), 32, SQLITE_STATIC);
        sqlite3_bind_text(insert_, 4, entry.topic.data(), static_cast<int>(entry.topic.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 5, entry.headers.data(), static_cast<int>(entry.headers.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 6, entry.body.data(), static_cast<int>(entry.body.size()), SQLITE_STATIC);
        step(insert_);
    }
    void run() {
        std::vector<Put> batch;
        while (true) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
                if (queue_.empty()) return;
                std::swap(queue_, batch);
            }
            step(begin_);
            for (const auto& put : batch) insert(put.entry);
            step(commit_);
            for (const auto& put : batch) acknowledge_(put.client);
            batch.clear();
        }
    }

    Acknowledge acknowledge_;
    sqlite3* db_ = nullptr;
    sqlite3_stmt *see_ = nullptr, *insert_ = nullptr, *begin_ = nullptr, *commit_ = nullptr;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Put> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

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
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string name = words[i];
        if (name == "--seconds")
            settings.seconds = std::atof(words[i + 1]);
        else if (name == "--clients")
            settings.clients = static_cast<std::size_t>(std::atoi(words[i + 1]));
        else if (name == "--rounds")
            settings.rounds = std::atoi(words[i + 1]);
        else if (name == "--directory")
            settings.directory = words[i + 1];
    }
    return settings;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    std::vector<double> ratios;
    fmt::print("durable inbox puts of {} bytes, {} clients, fsync each commit\n", kBodySize, settings.clients);
    for (int round = 0; round < settings.rounds; ++round) {
        // The two take turns at going first, so that a disk that slows down favours neither.
        const bool bare_first = round % 2 == 0;
        double bare = bare_first ? in_fresh_directory(settings, measure_bare) : 0;
        const double through_store = in_fresh_directory(settings, measure_store);
        if (!bare_first) bare = in_fresh_directory(settings, measure_bare);
        ratios.push_back(through_store / bare);
        fmt::print("  round {}: bare {:>9.0f}/s   store {:>9.0f}/s   ratio {:.2f}\n", round + 1, bare, through_store,
                   ratios.back());
    }
    fmt::print("store_inbox ratio (median): {:.2f}, goal 0.80\n", median(ratios));
    return 0;
}
