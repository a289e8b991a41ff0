// Requests of subjects, marks on subjects, and what the law wants kept after an erasure.
#pragma once

#include "gateway/store/remainders.hpp"
#include "gateway/store/sql/statement.hpp"
#include "gateway/store/subject_marks.hpp"
#include "gateway/store/subject_requests.hpp"

namespace tributary::store {

class SubjectRequestsReads : public virtual SubjectRequestsView {
  public:
    explicit SubjectRequestsReads(Connection& connection);
    Result<std::optional<SubjectRequestRow>> get(Uid uid) override;
    Result<std::vector<SubjectRequestRow>> list(bool open_only, Uid after, std::size_t limit) override;
    Result<std::uint64_t> overdue(Timestamp at) override;

  protected:
    Connection& connection_;

  private:
    Statement get_, list_, overdue_;
};

class SubjectRequestsTable final : public SubjectRequests, public SubjectRequestsReads {
  public:
    explicit SubjectRequestsTable(Connection& connection);
    Result<void> put(const SubjectRequestRow& row) override;

  private:
    Statement insert_, update_;
};

class SubjectMarksReads : public virtual SubjectMarksView {
  public:
    explicit SubjectMarksReads(Connection& connection);
    Result<std::vector<SubjectMark>> of(MarkKind kind, std::span<const Uid> subjects, Timestamp now) override;
    Result<std::vector<SubjectMark>> list(MarkKind kind, Uid after, std::size_t limit) override;

  private:
    Statement of_, list_;
};

class SubjectMarksTable final : public SubjectMarks, public SubjectMarksReads {
  public:
    explicit SubjectMarksTable(Connection& connection);
    Result<void> put(std::span<const SubjectMark> marks) override;
    Result<std::uint64_t> remove(MarkKind kind, std::span<const Uid> subjects) override;

  private:
    Statement put_, remove_;
};

class RemaindersReads : public virtual RemaindersView {
  public:
    explicit RemaindersReads(Connection& connection);
    Result<std::vector<Remainder>> list(Uid after, std::size_t limit) override;
    Result<std::uint64_t> count() override;

  protected:
    Connection& connection_;

  private:
    Statement list_, count_;
};

class RemaindersTable final : public Remainders, public RemaindersReads {
  public:
    explicit RemaindersTable(Connection& connection);
    Result<void> put(std::span<const Remainder> remainders) override;
    Result<std::uint64_t> sweep(Timestamp now, std::size_t limit) override;

  private:
    Statement put_, sweep_;
};

}  // namespace tributary::store
