// Consent events, suppressions and disclosures.
#pragma once

#include "gateway/store/consent_events.hpp"
#include "gateway/store/disclosures.hpp"
#include "gateway/store/sql/statement.hpp"
#include "gateway/store/suppressions.hpp"

namespace tributary::store {

class ConsentEventsReads : public virtual ConsentEventsView {
  public:
    explicit ConsentEventsReads(Connection& connection);
    Result<std::vector<std::vector<ConsentEventRow>>> of(std::span<const Uid> subjects) override;
    Result<std::int64_t> newest() override;
    Result<std::vector<ConsentEventRow>> list(std::int64_t after, std::size_t limit) override;

  protected:
    Connection& connection_;

  private:
    Statement of_, newest_, list_;
};

class ConsentEventsTable final : public ConsentEvents, public ConsentEventsReads {
  public:
    explicit ConsentEventsTable(Connection& connection);
    Result<std::uint64_t> put(std::span<const ConsentEventRow> events) override;
    Result<std::uint64_t> remove(std::span<const Uid> subjects) override;

  private:
    Statement put_, remove_;
};

class SuppressionsReads : public virtual SuppressionsView {
  public:
    explicit SuppressionsReads(Connection& connection);
    Result<std::vector<std::optional<Suppression>>> find(std::span<const Digest> keys) override;
    Result<std::vector<SuppressionAct>> acts(std::int64_t after, std::size_t limit) override;

  private:
    Statement find_, acts_;
};

class SuppressionsTable final : public Suppressions, public SuppressionsReads {
  public:
    explicit SuppressionsTable(Connection& connection);
    Result<void> put(std::span<const Suppression> suppressions) override;
    Result<void> remove(std::span<const Digest> keys) override;

  private:
    Statement put_, put_act_, remove_;
};

class DisclosuresReads : public virtual DisclosuresView {
  public:
    explicit DisclosuresReads(Connection& connection);
    Result<std::vector<Disclosure>> of(Uid subject) override;

  protected:
    Connection& connection_;

  private:
    Statement of_;
};

class DisclosuresTable final : public Disclosures, public DisclosuresReads {
  public:
    explicit DisclosuresTable(Connection& connection);
    Result<void> put(std::span<const Disclosure> disclosures) override;

  private:
    Statement put_;
};

}  // namespace tributary::store
