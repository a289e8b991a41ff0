// Withheld records.
#pragma once

#include "gateway/store/sql/counters_table.hpp"
#include "gateway/store/sql/statement.hpp"
#include "gateway/store/withheld.hpp"

namespace tributary::store {

class WithheldReads : public virtual WithheldView {
  public:
    explicit WithheldReads(Connection& connection);
    Result<std::vector<WithheldRow>> of_customer(Uid customer) override;
    Result<std::vector<WithheldRow>> list(const std::optional<std::string>& destination, std::int64_t after,
                                          std::size_t limit) override;
    Result<std::vector<WithheldCount>> counts() override;

  protected:
    Connection& connection_;

  private:
    Statement of_customer_, list_, counts_;
};

class WithheldTable final : public Withheld, public WithheldReads {
  public:
    WithheldTable(Connection& connection, CountersTable& counters);
    Result<void> put(std::span<const WithheldRow> rows) override;
    Result<std::vector<WithheldRow>> take(Uid customer, const std::optional<std::string>& destination) override;
    Result<void> remove(const std::string& destination, std::span<const Uid> records) override;

  private:
    CountersTable& counters_;
    Statement insert_, update_, drop_, remove_;
};

}  // namespace tributary::store
