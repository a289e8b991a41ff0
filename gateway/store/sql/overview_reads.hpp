// The overview.
#pragma once

#include "gateway/store/overview.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class OverviewReads final : public OverviewView {
  public:
    explicit OverviewReads(Connection& connection);
    Result<std::vector<LaneRow>> oldest_lanes(const LaneFilter& filter, std::optional<Timestamp> before,
                                              std::size_t limit) override;
    Result<DisclosureReach> disclosed(const std::optional<std::string>& destination, Timestamp from,
                                      Timestamp until) override;
    Result<std::vector<ConsentCount>> consents() override;
    Result<DuplicateCount> duplicates() override;
    Result<HeldRows> held_rows() override;

  private:
    Connection& connection_;
    Statement lanes_, reach_, disclosed_, consents_, duplicates_, holders_, dead_rows_;
};

}  // namespace tributary::store
