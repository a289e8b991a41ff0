// Delivery from the queue to fast local servers, beside bare libcurl (handles reused, one thread), alone and with a
// queue of its own in SQLite. The engine claims lanes, asks for consent, opens what is sealed, maps, sends with an
// idempotency key, and settles with attempt, disclosure and audit entry.
//
//   bench_delivery [--items N] [--rounds N] [--directory D]
//   bench_delivery --fan-out [--items N] [--rounds N]   eight destinations, beside one that is down and one that is
//                                                       slow, and by themselves: the rate of each of the eight
//   bench_delivery --queued N [--seconds S]             resident memory while N items are queued and some delivered
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "connectors/built_in.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/flow/delivery_worker.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/net/http_server.hpp"
#include "gateway/value/json.hpp"
#include "tests/bench/bare_curl.hpp"
#include "tests/bench/bare_sqlite.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/numbered_sync.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/resident.hpp"

namespace {

using namespace tributary;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kInFlight = 16;  // as many as a destination is sent at once
constexpr std::size_t kSettled = 64;   // items in one transaction, as many lanes as are claimed at once
constexpr std::size_t kPage = 2000;
constexpr std::chrono::milliseconds kSlow{300};

struct Settings {
    std::size_t items = 10'000, queued = 0;
    int rounds = 3;
    double seconds = 240;
    bool fan_out = false;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
};

constexpr const char* kOrders = R"(
mapping: bench/order
to: order
fields:
  number: number
  placed_at: at
  currency: currency
  total: { from: total, currency: currency }
  note: note
)";

connector::SourceRecord make_order(std::size_t i) {
    return {
        std::to_string(i),
        fmt::format(
            R"({{"number":"S-{0}","at":"2026-03-01T10:00:00Z","currency":"EUR","total":"{1}.50","note":"asks for delivery in the morning, rings twice, leaves parcels with the neighbour {0}"}})",
            i, 10 + i % 900),
        false};
}

// A server that answers at once, not at all well, or late.
enum class Kind : std::uint8_t { good, down, slow };
class Target {
  public:
    Target(const tributary::Clock& clock, run::Timers& timers, Kind kind)
        : server_({.max_requests = ~0ULL, .max_connections_per_ip = 1000}, clock,
                  [this, &timers, kind](net::InboundHttp) { return answer(timers, kind); }) {
        if (!server_.start()) std::exit(1);
    }
    ~Target() { std::ignore = server_.stop(std::chrono::seconds{1}); }
    std::uint16_t port() const { return server_.port(); }
    std::size_t taken() const { return taken_.load(); }

  private:
    run::Task<net::HttpResponse> answer(run::Timers& timers, Kind kind) {
        if (kind == Kind::down) co_return net::HttpResponse{.status = 500};
        if (kind == Kind::slow) co_await timers.sleep_for(kSlow);
        taken_.fetch_add(1);
        co_return net::HttpResponse{.status = 202};
    }
    std::atomic<std::size_t> taken_ = 0;
    net::HttpServer server_;
};

// An engine with a full queue for each of its destinations.
class Deliveries {
  public:
    Deliveries(const std::filesystem::path& below, const std::vector<Kind>& kinds) : engine_(below) {
        spec::Problems problems;
        engine_.purposes = *consent::PurposeRegistry::load(TRIBUTARY_SOURCE_DIR "/config/purposes.yaml", problems);
        connectors::add_built_in(registry_);
        const std::set<std::string, std::less<>> only = {"http"};
        registry_.load(TRIBUTARY_SOURCE_DIR "/connectors", problems, &only);
        for (std::size_t i = 0; i < kinds.size(); ++i) add(fmt::format("to{}", i), kinds[i]);
    }
    ~Deliveries() {
        stop();
        engine_.loop.stop();
    }

    void fill(std::size_t items, std::stop_token stop = {},
              std::function<void(const flow::SyncProgress&)> on_page = {}) {
        bench::connect(engine_, kOrders, std::make_unique<bench::NumberedSource>(items, kPage, make_order));
        bench::sync(engine_, {.from_start = true, .on_page = std::move(on_page)}, stop);
    }
    void start() {
        for (auto& worker : workers_) {
            ++running_;
            engine_.loop.spawn(work(*worker));
        }
    }
    void stop() {
        stop_.request_stop();
        while (running_.load() > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    const Target& target(std::size_t i) const { return *targets_[i]; }
    std::size_t queued() {
        std::size_t left = 0;
        bench::must(engine_.store->read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto depths, session.outbox().depths());
            for (const auto& depth : depths) left += depth.items;
            return {};
        }));
        return left;
    }

  private:
    void add(const std::string& name, Kind kind) {
        auto& target = *targets_.emplace_back(std::make_unique<Target>(engine_.clock, engine_.timers, kind));
        connector::Setup setup{
            .connection = name,
            .settings = *value::parse_json(fmt::format(
                R"({{"definition":{{"base_url":"http://127.0.0.1:{}","actions":{{"upsert":{{"request":{{"method":"POST","path":"/orders","body":"{{record}}"}},"idempotency":"idempotency_key","idempotency_header":"Idempotency-Key"}}}}}}}})",
                target.port())),
            .http = http_,
            .timers = engine_.timers,
            .blocking = engine_.pool,
            .random = engine_.random,
            .log = engine_.log};
        setup.budget_key = name;
        setup.network.egress.networks = {net::Network::parse("127.0.0.0/8").value()};
        setup.network.egress.ports = {target.port()};
        flow::Connection connection;
        connection.name = name;
        connection.connector_name = "http";
        connection.connector = bench::must(registry_.build("http", std::move(setup)));
        engine_.world->connections.emplace(name, std::move(connection));
        flow::Delivery delivery;
        delivery.name = name + "-orders";
        delivery.to = name;
        delivery.entity = "order";
        delivery.action = "upsert";
        delivery.purpose = "service.order";
        engine_.world->deliveries.push_back(std::move(delivery));
        workers_.push_back(std::make_unique<flow::DeliveryWorker>(*engine_.world, name));
    }
    run::Task<> work(flow::DeliveryWorker& worker) {
        co_await worker.run(stop_.get_token());
        --running_;
    }

    bench::Engine engine_;
    connector::Registry registry_;
    net::CurlClient http_{engine_.loop};
    std::vector<std::unique_ptr<Target>> targets_;
    std::vector<std::unique_ptr<flow::DeliveryWorker>> workers_;
    std::stop_source stop_;
    std::atomic<int> running_ = 0;
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

void wait(const Settings& settings, const std::function<bool()>& over) {
    const auto begin = Clock::now();
    while (!over()) {
        if (seconds_since(begin) > settings.seconds) fmt::print(stderr, "not delivered in time\n"), std::exit(1);
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

double through_engine(const Settings& settings) {
    Deliveries deliveries(settings.directory, {Kind::good});
    deliveries.fill(settings.items);
    const auto begin = Clock::now();
    deliveries.start();
    wait(settings, [&] { return deliveries.target(0).taken() >= settings.items && deliveries.queued() == 0; });
    return static_cast<double>(settings.items) / seconds_since(begin);
}

std::string body_of(std::size_t i) {
    return make_order(i).json;
}

double bare(const Settings& settings) {
    SystemClock clock;
    run::SystemTimers timers;
    const Target target(clock, timers, Kind::good);
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < settings.items; ++i) bodies.push_back(body_of(i));
    const auto begin = Clock::now();
    bench::BareCurl(kInFlight).run(
        fmt::format("http://127.0.0.1:{}/orders", target.port()), settings.items,
        [&](std::size_t i) { return std::string_view(bodies[i]); }, [](std::size_t) {});
    return static_cast<double>(settings.items) / seconds_since(begin);
}

// Rows of a table are the queue; what has arrived is deleted, many rows in one transaction.
double bare_queue(const Settings& settings) {
    SystemClock clock;
    run::SystemTimers timers;
    const Target target(clock, timers, Kind::good);
    const bench::Directory directory(settings.directory);
    bench::BareSqlite db(directory.path() / "queue.db", 1000);
    db.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)");
    auto* insert = db.prepare("INSERT INTO item VALUES (?1, ?2)");
    db.begin();
    for (std::size_t i = 0; i < settings.items; ++i) {
        const auto body = body_of(i);
        sqlite3_bind_int64(insert, 1, static_cast<std::int64_t>(i));
        sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
        db.step(insert);
    }
    db.commit();
    auto* take = db.prepare("SELECT body FROM item WHERE id >= ?1 ORDER BY id LIMIT ?2");
    auto* remove = db.prepare("DELETE FROM item WHERE id = ?1");
    std::vector<std::string> bodies(settings.items);
    std::size_t loaded = 0;
    const auto body = [&](std::size_t i) {
        if (i == loaded) {
            sqlite3_bind_int64(take, 1, static_cast<std::int64_t>(i));
            sqlite3_bind_int64(take, 2, kSettled);
            while (db.row(take)) bodies[loaded++] = reinterpret_cast<const char*>(sqlite3_column_text(take, 0));
            sqlite3_reset(take);
        }
        return std::string_view(bodies[i]);
    };
    std::vector<std::size_t> ended;
    const auto settle = [&] {
        db.begin();
        for (const auto i : ended) {
            sqlite3_bind_int64(remove, 1, static_cast<std::int64_t>(i));
            db.step(remove);
        }
        db.commit();
        ended.clear();
    };
    const auto begin = Clock::now();
    bench::BareCurl(kInFlight).run(fmt::format("http://127.0.0.1:{}/orders", target.port()), settings.items, body,
                                   [&](std::size_t i) {
                                       ended.push_back(i);
                                       if (ended.size() == kSettled) settle();
                                   });
    settle();
    return static_cast<double>(settings.items) / seconds_since(begin);
}

void compare(const Settings& settings) {
    bench::Rounds alone, queued;
    for (int round = 0; round < settings.rounds; ++round) {
        const double without = bare(settings), with = bare_queue(settings), ours = through_engine(settings);
        fmt::print("  round {}: {:>7.0f}/s, libcurl {:>7.0f}/s, with a bare queue {:>7.0f}/s\n", round + 1, ours,
                   without, with);
        std::fflush(stdout);
        alone.add(ours, without);
        queued.add(ours, with);
    }
    bench::print_result("delivery, beside libcurl alone", alone, "items/s", 0.50);
    bench::print_result("delivery, beside libcurl and a bare queue", queued, "items/s", 0);
}

// The rate of the eight good ones: until the last of them has everything.
double fan_out(const Settings& settings, bool with_bad) {
    constexpr std::size_t kGood = 8;
    std::vector<Kind> kinds(kGood, Kind::good);
    if (with_bad) kinds.insert(kinds.end(), {Kind::down, Kind::slow});
    Deliveries deliveries(settings.directory, kinds);
    deliveries.fill(settings.items);
    const auto begin = Clock::now();
    deliveries.start();
    wait(settings, [&] {
        for (std::size_t i = 0; i < kGood; ++i)
            if (deliveries.target(i).taken() < settings.items) return false;
        return true;
    });
    return static_cast<double>(settings.items) / seconds_since(begin);
}

void compare_fan_out(const Settings& settings) {
    bench::Rounds rounds;
    for (int round = 0; round < settings.rounds; ++round) {
        const double by_themselves = fan_out(settings, false), beside = fan_out(settings, true);
        fmt::print("  round {}: each of eight {:>6.0f}/s by themselves, {:>6.0f}/s beside one down and one slow\n",
                   round + 1, by_themselves, beside);
        std::fflush(stdout);
        rounds.add(beside, by_themselves);
    }
    bench::print_result("fan-out, eight beside one down and one slow", rounds, "items/s each", 0.90);
}

void watch_memory(const Settings& settings) {
    Deliveries deliveries(settings.directory, {Kind::good});
    double peak = 0;
    const auto begin = Clock::now();
    const auto tell = [&](std::string_view what, std::size_t count) {
        fmt::print("  {:>8} {}, {:>6.1f} s: {:>6.1f} MB\n", count, what, seconds_since(begin), bench::resident());
        std::fflush(stdout);
    };
    std::stop_source stop;
    const auto step = std::max<std::size_t>(settings.queued / 10, 1);
    std::size_t told = 0;
    deliveries.fill(settings.queued, stop.get_token(), [&](const flow::SyncProgress& progress) {
        peak = std::max(peak, bench::resident());
        if (seconds_since(begin) > settings.seconds) stop.request_stop();
        if (progress.records / step == told) return;
        told = progress.records / step;
        tell("queued", progress.records);
    });
    const auto queued = deliveries.queued();
    tell("items in the queue", queued);
    const auto some = std::min<std::size_t>(queued, 20'000);
    deliveries.start();
    wait(settings, [&] {
        peak = std::max(peak, bench::resident());
        return deliveries.target(0).taken() >= some;
    });
    tell("delivered", deliveries.target(0).taken());
    fmt::print("result: memory, peak with {} items queued | {:.0f} MB | at most 300 MB | {:.2f} | 1.00\n", queued, peak,
               300 / peak);
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    settings.fan_out = options.flag("--fan-out");
    options.value("--items", settings.items)
        .value("--queued", settings.queued)
        .value("--rounds", settings.rounds)
        .value("--seconds", settings.seconds)
        .value("--directory", settings.directory)
        .end();
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    if (settings.queued > 0)
        watch_memory(settings);
    else if (settings.fan_out)
        compare_fan_out(settings);
    else
        compare(settings);
}
