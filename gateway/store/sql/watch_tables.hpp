// Alerts and marks.
#pragma once

#include "gateway/store/alerts.hpp"
#include "gateway/store/marks.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class AlertsReads : public virtual AlertsView {
  public:
    explicit AlertsReads(Connection& connection);
    Result<std::vector<Alert>> list(bool open_only, std::int64_t before, std::size_t limit) override;
    Result<std::optional<Alert>> get(std::int64_t id) override;
    Result<std::vector<AlertTotal>> totals() override;
    Result<std::vector<Alert>> untold(Timestamp before, std::size_t limit) override;

  private:
    Statement list_, get_, totals_, untold_;
};

class AlertsTable final : public Alerts, public AlertsReads {
  public:
    explicit AlertsTable(Connection& connection);
    Result<std::optional<Alert>> raise(const NewAlert& alert, Timestamp now, Timestamp quiet_since) override;
    Result<void> acknowledge(std::int64_t id, const std::string& by, const std::string& note, Timestamp now) override;
    Result<void> told(std::int64_t id, Timestamp at) override;
    Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) override;

  private:
    Statement newest_, insert_, again_, acknowledge_, told_, sweep_, count_;
};

class MarksReads : public virtual MarksView {
  public:
    explicit MarksReads(Connection& connection);
    Result<std::optional<std::string>> get(const std::string& name) override;
    Result<std::map<std::string, std::string>> with_prefix(const std::string& prefix) override;

  private:
    Statement get_, prefix_;
};

class MarksTable final : public Marks, public MarksReads {
  public:
    explicit MarksTable(Connection& connection);
    Result<void> put(const std::string& name, const std::string& value) override;
    Result<void> remove(const std::string& name) override;

  private:
    Statement put_, remove_;
};

}  // namespace tributary::store
