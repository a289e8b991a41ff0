// What sealing and auditing cost: the same work with and without, by turns in one process, on the same store.
//
//   bench_trust [--rounds N] [--records N] [--page N] [--acts N] [--directory D]
//
// Sealing: pages of records with 600 bytes of personal fields go into the store, each with a subject of its own: keyed
// hash, new key, its wrapping, AES-GCM and the row of the key, against the same rows in clear. Nothing in the product
// writes them in clear: this bench does.
// Auditing: acts of an operator, one small write each, with and without their entry in the hash-chained trail. 64 wait
// for the store at once, as many callers would.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <semaphore>

#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/payload.hpp"
#include "tests/bench/engine.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/options.hpp"

namespace {

using namespace tributary;

struct Settings {
    int rounds = 5;
    std::size_t records = 20'000, page = 500, acts = 20'000;
    std::filesystem::path directory = std::filesystem::temp_directory_path();
};

template <class F>
double rate_of(std::size_t count, F&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::string personal_fields(std::size_t number) {
    auto text = fmt::format(
        R"({{"name":{{"given":"Anna","family":"Berg {0}"}},"emails":[{{"address":"anna.{0}@example.com"}}])", number);
    text.resize(600, 'x');
    return text;
}

std::vector<store::RecordRow> page_of(bench::Engine& engine, const std::string& stream, std::size_t from,
                                      std::size_t count) {
    std::vector<store::RecordRow> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto& row = rows[i];
        row.key = {"shop", stream, std::to_string(from + i)};
        row.entity = "contact";
        row.header.uid = crypto::make_uid(engine.clock, engine.random);
        row.header.hash = crypto::sha256(row.key.external_id);
        row.clear = R"({"customer_number":"123456","language":"en"})";
        row.mapping_version = "bench";
    }
    return rows;
}

void put_page(bench::Engine& engine, std::vector<store::RecordRow> rows, std::size_t from, bool seals) {
    if (!seals) {
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i].sealed = personal_fields(from + i);
        bench::must(engine.store->write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.records().put(rows));
            return {};
        }));
        return;
    }
    std::vector<Uid> subjects;
    for (auto& row : rows) {
        row.header.subject =
            engine.blind->subject_of(row.key.connection, row.entity, row.key.stream + row.key.external_id);
        subjects.push_back(row.header.subject);
    }
    auto keys = bench::must(engine.subject_keys->batch(subjects, *engine.keys));
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].sealed = bench::must(
            keys.seal(rows[i].header.subject, flow::record_place(rows[i].header.uid), personal_fields(from + i)));
    bench::must(engine.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.keys().put(keys.fresh()));
        CHECK_OK(session.records().put(rows));
        return {};
    }));
    keys.committed();
}

double put_records(bench::Engine& engine, const Settings& settings, const std::string& stream, bool seals) {
    return rate_of(settings.records, [&] {
        for (std::size_t from = 0; from < settings.records; from += settings.page)
            put_page(engine, page_of(engine, stream, from, std::min(settings.page, settings.records - from)), from,
                     seals);
    });
}

double act(bench::Engine& engine, const Settings& settings, bool audits) {
    std::counting_semaphore<> room(64);
    std::atomic<std::size_t> done = 0;
    return rate_of(settings.acts, [&] {
        for (std::size_t i = 0; i < settings.acts; ++i) {
            room.acquire();
            engine.store->write_async(
                [&engine, i, audits](store::Session& session) -> Result<void> {
                    CHECK_OK(session.marks().put("bench." + std::to_string(i % 1000), std::to_string(i)));
                    if (!audits) return {};
                    const auto entry = flow::audit_entry(engine.clock, "user", "operator", "queue.redrive",
                                                         {{"destination", "crm"}, {"letter", std::to_string(i)}});
                    CHECK_OK(session.audit().append(std::span(&entry, 1)));
                    return {};
                },
                [&](Result<void> outcome) {
                    bench::must(std::move(outcome));
                    ++done;
                    room.release();
                });
        }
        for (int i = 0; i < 64; ++i) room.acquire();
    });
}

Settings parse(int count, char** words) {
    Settings settings;
    bench::Options options(count, words);
    options.value("--rounds", settings.rounds)
        .value("--records", settings.records)
        .value("--page", settings.page)
        .value("--acts", settings.acts)
        .value("--directory", settings.directory)
        .end();
    return settings;
}

}  // namespace

int main(int count, char** words) {
    const auto settings = parse(count, words);
    bench::Rounds sealing, auditing;
    for (int round = 0; round < settings.rounds; ++round) {
        bench::Engine engine(settings.directory);  // a fresh one, so that no round meets a larger store
        const double sealed = put_records(engine, settings, "sealed", true);
        const double clear = put_records(engine, settings, "clear", false);
        const double audited = act(engine, settings, true);
        const double silent = act(engine, settings, false);
        sealing.add(sealed, clear);
        auditing.add(audited, silent);
        fmt::print(
            "  round {}: records sealed {:.0f}/s, in clear {:.0f}/s; acts audited {:.0f}/s, unaudited {:.0f}/s\n",
            round + 1, sealed, clear, audited, silent);
        std::fflush(stdout);
    }
    bench::print_result("records into the store, sealed against clear", sealing, "records/s", 0);
    bench::print_result("acts, audited against not", auditing, "acts/s", 0);
}
