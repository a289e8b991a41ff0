// PutSink: on an SFTP server or in an object store, a file for each record, named by its fields and put there at once.
// The same record again is the same file again, so a resend is harmless.
#pragma once

#include "connectors/data/file/file_settings.hpp"
#include "connectors/data/file/location.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::file {

class PutSink final : public connector::Sink {
  public:
    // REQUIRES: everything referred to outlives this.
    PutSink(const FileSettings& settings, Location& location, run::Pool& pool)
        : settings_(settings), location_(location), pool_(pool) {}

    connector::Idempotency idempotency(const std::string&) const override {
        return connector::Idempotency::natural_key;
    }
    std::size_t batch_limit(const std::string&) const override { return 50; }
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override;
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string action,
                                                                 const connector::Push& item) override;

  private:
    Result<connector::Receipt> put(const std::string& action, const connector::Push& item);

    const FileSettings& settings_;
    Location& location_;
    run::Pool& pool_;
};

// A field's value as a part of a file's name: what is not a letter, a digit or one of -_. is %XX, and so is a dot in
// front, so that no value can be a path.
std::string as_file_name(std::string_view value);

}  // namespace tributary::connectors::file
