// Records. A change is an UPDATE by row id that checks the version: no index but the row itself is touched.
#pragma once

#include "gateway/store/records.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class RecordsReads : public virtual RecordsView {
  public:
    explicit RecordsReads(Connection& connection);
    Result<std::vector<std::optional<RecordHeader>>> find(std::span<const RecordKey> keys) override;
    Result<std::vector<std::optional<RecordRow>>> load(std::span<const Uid> uids) override;
    Result<std::vector<std::optional<RecordRow>>> load(std::span<const RecordKey> keys) override;
    Result<std::vector<RecordRow>> by_customer(Uid customer) override;
    Result<std::vector<RecordRow>> list(const std::string& entity, std::int64_t after, std::size_t limit) override;
    Result<std::vector<RecordCount>> counts() override;

  protected:
    Connection& connection_;

  private:
    template <class With>
    Result<void> give_key(const RecordKey& key, With& with);
    Statement find_, load_uid_, load_key_, by_customer_, list_, counts_;
};

class RecordsTable final : public Records, public RecordsReads {
  public:
    explicit RecordsTable(Connection& connection);
    Result<std::vector<RecordHeader>> put(std::span<const RecordRow> rows) override;
    Result<void> remember_source(std::span<const RecordHeader> headers) override;
    Result<void> erase(std::span<const Uid> uids) override;

  private:
    Result<void> insert(std::span<const RecordRow* const> rows, std::span<RecordHeader* const> stored);
    Result<void> update(std::span<const RecordRow* const> rows, std::span<RecordHeader* const> stored);
    Statement insert_, update_, remember_, erase_, erase_link_, erase_keys_, erase_pairs_;
};

}  // namespace tributary::store
