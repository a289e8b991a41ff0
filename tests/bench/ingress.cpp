// Durable webhooks: signed POSTs of a shop's orders, answered after their commit. The gateway's own path (HTTP server,
// the shopify connector's verification, sealing, SQLite store) beside a bare Beast server with the same signature check
// and group commit, in the same run. One serving thread each, as many as the client may use.
//
//   bench_ingress [--seconds S] [--rounds N] [--connections N] [--clients THREADS] [--directory D]
#include <fmt/format.h>

#include <cstdlib>

#include "tests/bench/figures.hpp"
#include "tests/bench/ingress_baseline.hpp"
#include "tests/bench/ingress_gateway.hpp"
#include "tests/bench/options.hpp"

namespace {

struct Settings {
    double seconds = 3;
    int rounds = 7, connections = 64, clients = 1;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
};

double through_gateway(const Settings& settings, bench::Load& load) {
    bench::Engine engine(settings.directory);
    return bench::through_gateway(engine, load, settings.seconds);
}

double bare(const Settings& settings, bench::Load& load) {
    bench::Directory directory(settings.directory);
    bench::BareIngress<bench::BareWriter> server(directory.path() / "bare.db", bench::kWebhookSecret);
    return load.drive(server.port(), settings.seconds).rate();
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    options.value("--seconds", settings.seconds)
        .value("--rounds", settings.rounds)
        .value("--connections", settings.connections)
        .value("--clients", settings.clients)
        .value("--directory", settings.directory)
        .end();
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    bench::Load load(bench::make_requests(1000), settings.connections, settings.clients);
    fmt::print("{} kept connections, signed POSTs of about {} bytes, answered after their fsync\n",
               settings.connections, load.request_size());
    bench::Rounds rounds;
    for (int round = 0; round < settings.rounds; ++round) {
        // The two take turns at going first, so that a disk that slows down favours neither.
        const bool bare_first = round % 2 == 0;
        double theirs = bare_first ? bare(settings, load) : 0;
        const double ours = through_gateway(settings, load);
        if (!bare_first) theirs = bare(settings, load);
        rounds.add(ours, theirs);
        fmt::print("  round {}: bare {:>7.0f} req/s, gateway {:>7.0f} req/s\n", round + 1, theirs, ours);
        std::fflush(stdout);
    }
    bench::print_result("durable ingress", rounds, "req/s", 0.80);
}
