// FileSink: appends records to files as NDJSON or CSV. A receipt is given after the fsync, and a record that comes
// again with the same idempotency key is recognised (journal.hpp), across crashes too.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "connectors/data/file/file_settings.hpp"
#include "connectors/data/file/journal.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::file {

class FileSink final : public connector::Sink {
  public:
    // REQUIRES: everything referred to outlives this.
    FileSink(const FileSettings& settings, run::Pool& pool) : settings_(settings), pool_(pool) {}

    connector::Idempotency idempotency(const std::string&) const override {
        return connector::Idempotency::idempotency_key;
    }
    std::size_t batch_limit(const std::string&) const override { return 500; }
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override;
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string action,
                                                                 const connector::Push& item) override;
    // Every file can be written and has no other writer. Blocks.
    Result<void> check();

  private:
    struct Output {
        FileHandle file;
        Journal journal;
    };
    Result<Output*> open(const std::string& name);
    std::vector<Outcome> write(const std::string& name, const std::vector<connector::Push>& items);
    Result<void> append(Output& output, const std::vector<std::string>& keys, std::string_view bytes);

    const FileSettings& settings_;
    run::Pool& pool_;
    std::mutex mutex_;                       // taken on the pool alone
    std::map<std::string, Output> outputs_;  // those open, by action; one that failed is closed and put right by open()
};

}  // namespace tributary::connectors::file
