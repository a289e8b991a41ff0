// Dead letters. How many there are is kept in memory, counted anew after a rollback.
#pragma once

#include "gateway/store/dead_letters.hpp"
#include "gateway/store/sql/counters_table.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

struct DeadLetterLimits {
    std::uint64_t refuse_at = 0;
    std::uint64_t alert_at = 0;
};

class DeadLettersReads : public virtual DeadLettersView {
  public:
    DeadLettersReads(Connection& connection, DeadLetterLimits limits);
    Result<std::vector<DeadLetter>> list(const DeadLetterFilter& filter, std::int64_t after, std::size_t limit,
                                         bool with_payload) override;
    Result<std::optional<DeadLetter>> get(std::int64_t id) override;
    Result<std::uint64_t> count(const DeadLetterFilter& filter) override;
    Result<std::vector<DeadLetterCount>> counts() override;
    Result<DeadLetterRoom> room() override;

  protected:
    Result<std::uint64_t> open_letters();
    Connection& connection_;
    const DeadLetterLimits limits_;

  private:
    Statement list_, payloads_, get_, count_, counts_, open_;
};

class DeadLettersTable final : public DeadLetters, public DeadLettersReads {
  public:
    DeadLettersTable(Connection& connection, CountersTable& counters, DeadLetterLimits limits);
    Result<std::vector<std::int64_t>> put(std::span<const NewDeadLetter> letters) override;
    Result<std::uint64_t> mark_redriven(std::span<const std::int64_t> ids, Timestamp at) override;
    Result<std::uint64_t> remove(std::span<const std::int64_t> ids) override;
    Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) override;

    Result<bool> has_room(std::size_t letters = 1);
    void rolled_back() { known_.reset(); }

  private:
    Result<std::int64_t> insert(const NewDeadLetter& letter);
    CountersTable& counters_;
    Statement insert_, mark_, remove_, sweep_;
    std::optional<std::uint64_t> known_;
};

}  // namespace tributary::store
