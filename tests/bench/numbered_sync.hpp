// A sync of numbered records into an Engine, for benches that need many records in the store.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "gateway/connector/connector.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/sync_job.hpp"
#include "tests/bench/engine.hpp"

namespace bench {

using MakeRecord = std::function<tributary::connector::SourceRecord(std::size_t)>;

// Records by their number; the cursor is the next number.
class NumberedSource final : public tributary::connector::Connector, public tributary::connector::Source {
  public:
    NumberedSource(std::size_t count, std::size_t page, MakeRecord make)
        : count_(count), page_(page), make_(std::move(make)) {}
    tributary::connector::Source* source() override { return this; }
    tributary::run::Task<tributary::Result<void>> check() override { co_return tributary::Result<void>{}; }
    tributary::run::Task<tributary::Result<tributary::connector::Page>> pull(
        std::string, tributary::connector::Cursor cursor) override {
        tributary::connector::Page page;
        std::size_t from = cursor.json.empty() ? 0 : std::stoull(cursor.json);
        const auto end = std::min(count_, from + page_);
        page.records.reserve(end - from);
        for (; from < end; ++from) page.records.push_back(make_(from));
        page.cursor.json = std::to_string(end);
        page.last = end == count_;
        page.total = count_;
        co_return page;
    }

  private:
    std::size_t count_, page_;
    MakeRecord make_;
};

// The connection "shop" with one stream, "records".
inline void connect(Engine& engine, const std::string& mapping,
                    std::unique_ptr<tributary::connector::Connector> connector) {
    tributary::flow::Connection connection;
    connection.name = "shop";
    connection.connector_name = "bench";
    connection.connector = std::move(connector);
    connection.streams.emplace("records", tributary::flow::Stream{"records", compile(mapping), std::nullopt, false});
    engine.world->connections.emplace("shop", std::move(connection));
}

// Ends the bench when a record is quarantined.
inline tributary::flow::SyncProgress sync(Engine& engine, tributary::flow::SyncOptions options,
                                          std::stop_token stop = {}) {
    tributary::flow::Process process(*engine.world);
    tributary::flow::SyncJob job(*engine.world, process);
    auto progress =
        must(tributary::run::run_blocking(engine.loop, job.run("shop", "records", std::move(options), stop)));
    if (progress.quarantined == 0) return progress;
    fmt::print(stderr, "{} records were quarantined\n", progress.quarantined);
    std::exit(1);
}

}  // namespace bench
