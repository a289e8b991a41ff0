// Counters: one row for each (counter, name, stream).
#pragma once

#include "gateway/store/counters.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class CountersReads : public virtual CountersView {
  public:
    explicit CountersReads(Connection& connection);
    Result<Stats> stats() override;

  protected:
    Connection& connection_;

  private:
    Result<void> read_counters(Stats& stats);
    Result<void> read_destinations(Stats& stats);
    Result<void> read_totals(Stats& stats);
    Statement counters_, lanes_, withheld_, dead_, paused_, inbox_, totals_;
};

class CountersTable final : public Counters, public CountersReads {
  public:
    explicit CountersTable(Connection& connection);
    Result<void> add(std::span<const CounterDelta> deltas) override;
    Result<void> count(Counter counter, const std::string& name, const std::string& stream, std::uint64_t count);

  private:
    Statement add_;
};

}  // namespace tributary::store
