// Attempts. Put by the outbox; rows are swept in order of their ids, which is that of time, or by day.
#pragma once

#include "gateway/store/attempts.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class AttemptsReads : public virtual AttemptsView {
  public:
    explicit AttemptsReads(Connection& connection);
    Result<std::vector<Attempt>> list(const AttemptFilter& filter, std::int64_t before, std::size_t limit) override;

  private:
    Statement list_, of_customer_;
};

// An attempt with the interned ids of its names. The detail is the caller's.
struct NewAttempt {
    Timestamp at;
    std::int64_t destination = 0, entity = 0;
    Uid record, customer;
    Digest op_key{};
    int outcome = 0;  // of ItemEnd
    Milliseconds took{0};
    std::string_view detail = {};
};

class AttemptsTable final : public Attempts, public AttemptsReads {
  public:
    explicit AttemptsTable(Connection& connection);
    Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) override;
    Result<void> put(std::span<const NewAttempt> attempts);

  private:
    Statement put_;
    const bool by_day_;
    Statement sweep_;
};

}  // namespace tributary::store
