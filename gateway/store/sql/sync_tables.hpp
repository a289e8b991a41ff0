// Checkpoints, job runs and leases: the state of sync jobs.
#pragma once

#include "gateway/store/checkpoints.hpp"
#include "gateway/store/jobs.hpp"
#include "gateway/store/leases.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class CheckpointsReads : public virtual CheckpointsView {
  public:
    explicit CheckpointsReads(Connection& connection);
    Result<std::optional<Checkpoint>> get(const std::string& connection, const std::string& stream) override;
    Result<std::vector<Checkpoint>> list() override;

  protected:
    Connection& connection_;

  private:
    Statement get_, list_;
};

class CheckpointsTable final : public Checkpoints, public CheckpointsReads {
  public:
    explicit CheckpointsTable(Connection& connection);
    Result<void> put(const Checkpoint& checkpoint) override;
    Result<void> remove(const std::string& connection, const std::string& stream) override;

  private:
    Statement put_, remove_;
};

class JobsReads : public virtual JobsView {
  public:
    explicit JobsReads(Connection& connection);
    Result<std::vector<JobRun>> list(const std::string& connection, const std::string& stream, std::int64_t before,
                                     std::size_t limit) override;

  protected:
    Connection& connection_;

  private:
    Statement list_;
};

class JobsTable final : public Jobs, public JobsReads {
  public:
    explicit JobsTable(Connection& connection);
    Result<std::int64_t> begin(const std::string& connection, const std::string& stream, Timestamp at) override;
    Result<void> update(const JobRun& run) override;
    Result<std::uint64_t> sweep(Timestamp ended_before, std::size_t limit) override;

  private:
    Statement begin_, update_, sweep_;
};

class LeasesReads : public virtual LeasesView {
  public:
    explicit LeasesReads(Connection& connection);
    Result<std::optional<Lease>> get(const std::string& name) override;

  protected:
    Connection& connection_;

  private:
    Statement get_;
};

class LeasesTable final : public Leases, public LeasesReads {
  public:
    explicit LeasesTable(Connection& connection);
    Result<std::optional<std::uint64_t>> acquire(const std::string& name, const std::string& owner, Milliseconds ttl,
                                                 Timestamp now) override;
    Result<void> check(const std::string& name, std::uint64_t token) override;
    Result<void> extend(const std::string& name, std::uint64_t token, Milliseconds ttl, Timestamp now) override;
    Result<void> release(const std::string& name, std::uint64_t token) override;

    // At the start: nobody holds one any more. Tokens go on from where they were.
    Result<void> reclaim();

  private:
    Statement acquire_, extend_, release_, reclaim_;
};

}  // namespace tributary::store
