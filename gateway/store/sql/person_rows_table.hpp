// What the tables hold about one person.
#pragma once

#include "gateway/store/person_rows.hpp"
#include "gateway/store/sql/dead_letters_table.hpp"
#include "gateway/store/sql/outbox_table.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class PersonRowsReads : public virtual PersonRowsView {
  public:
    explicit PersonRowsReads(Connection& connection);
    Result<PersonUids> widen(PersonUids person) override;
    Result<PersonCounts> count(const PersonUids& person) override;
    Result<std::vector<Item>> items(const PersonUids& person) override;
    Result<std::vector<std::int64_t>> dead_letters(const PersonUids& person) override;
    Result<std::vector<RemoteId>> remote_ids(const PersonUids& person) override;
    Result<std::uint64_t> lanes_under_way(const PersonUids& person) override;

  protected:
    Statement aliases_, linked_, subjects_, records_, items_, letters_, remotes_, under_way_;
    Connection& connection_;
};

class PersonRowsTable final : public PersonRows, public PersonRowsReads {
  public:
    PersonRowsTable(Connection& connection, OutboxTable& outbox, DeadLettersTable& dead_letters);
    Result<PersonCounts> remove(const PersonUids& person, Uid pseudonym) override;

  private:
    Result<void> remove_items(const PersonUids& person);
    OutboxTable& outbox_;
    DeadLettersTable& letters_table_;
};

}  // namespace tributary::store
