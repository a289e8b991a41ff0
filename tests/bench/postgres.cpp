// The gateway on PostgreSQL beside hand-written code on the same server, in the same run: a sync (first run, then
// everything again unchanged), and durable webhooks. The hand-written code keeps one connection, prepares its
// statements and sends each transaction in one pipeline; it does not seal, lease or count.
//
//   bench_postgres --dsn DSN [--orders N] [--page N] [--seconds S] [--rounds N] [--connections N]
//   python3 tests/bench/run.py --only postgres      with a server of its own
//
// REQUIRES: a database in which schemas may be made; each round makes one and drops it.
#include <fmt/format.h>

#include <cstdlib>

#include "gateway/store/postgres/postgres_store.hpp"
#include "tests/bench/bare_postgres.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/ingress_baseline.hpp"
#include "tests/bench/ingress_gateway.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/sync_engine.hpp"

namespace {

struct Settings {
    std::string dsn;
    std::size_t orders = 20'000, page = 2000;
    double seconds = 3;
    int rounds = 5, connections = 64;
};

// Whoever comes next finds nothing there.
class Schema {
  public:
    explicit Schema(const Settings& settings) : db_(settings.dsn) {
        db_.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench; CHECKPOINT");
        dsn_ = settings.dsn + " options='-c search_path=bench'";
    }
    const std::string& dsn() const { return dsn_; }
    bench::Engine::Open open() const {
        return [dsn = dsn_](bench::Engine& engine) {
            return tributary::store::open_postgres({.dsn = dsn}, engine.clock, engine.random, engine.log);
        };
    }

  private:
    bench::BarePostgres db_;
    std::string dsn_;
};

bench::Rates bare_sync(const Settings& settings, const bench::Lines& lines) {
    const Schema schema(settings);
    bench::BarePostgresSync loop(schema.dsn());
    std::size_t written = 0;
    const auto count = lines.lines.size();
    const auto first = bench::rate_of(count, [&] { written = loop.run(lines.lines, settings.page); });
    if (written != count) fmt::print(stderr, "baseline: {} written\n", written), std::exit(1);
    const auto again = bench::rate_of(count, [&] { written = loop.run(lines.lines, settings.page); });
    if (written != 0) fmt::print(stderr, "baseline: {} written again\n", written), std::exit(1);
    return {first, again};
}

void compare_sync(const Settings& settings) {
    const auto lines = bench::make_orders(settings.orders);
    fmt::print("sync: {} orders of {} bytes, pages of {}\n", lines.lines.size(), lines.text.size() / lines.lines.size(),
               settings.page);
    bench::Rounds first, again;
    for (int round = 0; round < settings.rounds; ++round) {
        const auto theirs = bare_sync(settings, lines);
        const Schema schema(settings);
        bench::Engine engine(std::filesystem::temp_directory_path(), schema.open());
        const auto ours = bench::through_engine(engine, lines, settings.page, false);
        first.add(ours.first.wall, theirs.first.wall);
        again.add(ours.again.wall, theirs.again.wall);
        fmt::print("  round {}: first run {:>7.0f}/s, bare {:>7.0f}/s; again {:>7.0f}/s, bare {:>7.0f}/s\n", round + 1,
                   ours.first.wall, theirs.first.wall, ours.again.wall, theirs.again.wall);
        std::fflush(stdout);
    }
    bench::print_result("sync into PostgreSQL, first run", first, "records/s", 0.60);
    bench::print_result("sync into PostgreSQL, unchanged re-run", again, "records/s", 0.60);
}

void compare_ingress(const Settings& settings) {
    bench::Load load(bench::make_requests(1000), settings.connections, 1);
    fmt::print("{} kept connections, signed POSTs of about {} bytes, answered after the server's commit\n",
               settings.connections, load.request_size());
    bench::Rounds rounds;
    for (int round = 0; round < settings.rounds; ++round) {
        const auto bare = [&] {
            const Schema schema(settings);
            bench::BareIngress<bench::GroupCommit<bench::PostgresInbox>> server(schema.dsn(), bench::kWebhookSecret);
            return load.drive(server.port(), settings.seconds).rate();
        };
        // The two take turns at going first.
        const bool bare_first = round % 2 == 0;
        double theirs = bare_first ? bare() : 0;
        double ours = 0;
        {
            const Schema schema(settings);
            bench::Engine engine(std::filesystem::temp_directory_path(), schema.open());
            ours = bench::through_gateway(engine, load, settings.seconds);
        }
        if (!bare_first) theirs = bare();
        rounds.add(ours, theirs);
        fmt::print("  round {}: bare {:>7.0f} req/s, gateway {:>7.0f} req/s\n", round + 1, theirs, ours);
        std::fflush(stdout);
    }
    bench::print_result("durable ingress into PostgreSQL", rounds, "req/s", 0.60);
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    options.value("--dsn", settings.dsn)
        .value("--orders", settings.orders)
        .value("--page", settings.page)
        .value("--seconds", settings.seconds)
        .value("--rounds", settings.rounds)
        .value("--connections", settings.connections)
        .end();
    if (settings.dsn.empty()) fmt::print(stderr, "--dsn says where the server is\n"), std::exit(2);
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    compare_sync(settings);
    compare_ingress(settings);
}
