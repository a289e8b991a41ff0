// SqlSource: tables and queries as streams, page by page behind a keyset cursor. A row is a JSON object of its columns;
// numbers are exact, blobs are base64, children stand under their names.
#pragma once

#include "connectors/data/sql/keyset.hpp"
#include "connectors/data/sql/session.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::sql {

class SqlSource final : public connector::Source {
  public:
    SqlSource(const SqlSettings& settings, connector::CredentialReader credential, run::Pool& pool)
        : settings_(settings), session_(settings, std::move(credential), Access::read), pool_(pool) {}

    run::Task<Result<connector::Page>> pull(std::string stream, connector::Cursor cursor) override;
    run::Task<Result<connector::SourceRecord>> fetch(std::string stream, std::string external_id) override;
    // Every table, column and child of every stream exists. Blocks.
    Result<void> check();

  private:
    Result<const Stream*> find(const std::string& name) const;
    Result<connector::Page> read(const std::string& name, const connector::Cursor& cursor);

    const SqlSettings& settings_;
    Session session_;
    run::Pool& pool_;
};

}  // namespace tributary::connectors::sql
