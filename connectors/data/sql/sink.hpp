// SqlSink: upserts records into tables by their key columns, so a resend is harmless. The record's members are the
// columns; members that are objects or arrays are stored as their JSON text. A batch is one transaction; a record that
// the database refuses (a constraint, a wrong type) fails alone.
#pragma once

#include "connectors/data/sql/session.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::sql {

class SqlSink final : public connector::Sink {
  public:
    SqlSink(const SqlSettings& settings, connector::CredentialReader credential, run::Pool& pool)
        : settings_(settings), session_(settings, std::move(credential), Access::write), pool_(pool) {}

    connector::Idempotency idempotency(const std::string&) const override {
        return connector::Idempotency::natural_key;
    }
    std::size_t batch_limit(const std::string& action) const override;
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override;
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string action,
                                                                 const connector::Push& item) override;
    // Every table and its key columns exist, and the key is a unique index. Blocks.
    Result<void> check();

  private:
    Result<const Action*> find(const std::string& name) const;
    std::vector<Outcome> write(const std::string& name, const std::vector<connector::Push>& items);

    const SqlSettings& settings_;
    Session session_;
    run::Pool& pool_;
};

}  // namespace tributary::connectors::sql
