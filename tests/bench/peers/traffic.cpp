// The traffic of the comparison with other tools; run.py beside it starts this program and them.
//
//   peers_traffic orders COUNT                               orders as NDJSON on standard output
//   peers_traffic serve COUNT PAGE                           a shop to read from and to post to; prints its port
//   peers_traffic load PORT PATH SECONDS CONNECTIONS BODIES  signed webhooks; prints what came of them as JSON
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "tests/bench/ingress_load.hpp"
#include "tests/bench/mapping_data.hpp"
#include "tests/bench/peers/shop.hpp"

namespace {

std::size_t number(const char* word) {
    return std::strtoull(word, nullptr, 10);
}

int load(char** words) {
    const auto first_id = static_cast<std::uint64_t>(std::time(nullptr)) << 24;  // another one in each run
    bench::Load load(bench::make_requests(number(words[4]), words[1]), std::atoi(words[3]), 1, first_id);
    const auto answers = load.drive(static_cast<std::uint16_t>(number(words[0])), std::atof(words[2]));
    fmt::print(R"({{"answers":{},"seconds":{:.3f},"p50_ms":{:.3f},"p99_ms":{:.3f}}})"
               "\n",
               answers.microseconds.size(), answers.seconds, answers.quantile(0.5) / 1000.0,
               answers.quantile(0.99) / 1000.0);
    return 0;
}

}  // namespace

int main(int count, char** words) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::string_view what = count > 1 ? words[1] : "";
    if (what == "orders" && count == 3) {
        const auto orders = bench::make_orders(number(words[2]));
        return std::fwrite(orders.text.data(), 1, orders.text.size(), stdout) == orders.text.size() ? 0 : 1;
    }
    if (what == "serve" && count == 4) {
        bench::Shop shop(number(words[2]), number(words[3]));
        fmt::print("{}\n", shop.port());
        std::fflush(stdout);
        shop.serve();
    }
    if (what == "load" && count == 7) return load(words + 2);
    fmt::print(stderr, "peers_traffic orders | serve | load\n");
    return 2;
}
