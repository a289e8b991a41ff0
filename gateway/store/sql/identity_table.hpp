// Identity: keys, links, manual pairs, customers and their aliases.
#pragma once

#include "gateway/store/identity.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class IdentityReads : public virtual IdentityView {
  public:
    explicit IdentityReads(Connection& connection);
    Result<std::vector<KeyHits>> records_by_keys(std::span<const Digest> keys, std::size_t cap) override;
    Result<std::vector<std::vector<Digest>>> keys_of(std::span<const Uid> records) override;
    Result<std::vector<std::optional<Link>>> links_of(std::span<const Uid> records) override;
    Result<std::vector<std::vector<Link>>> members(std::span<const Uid> customers) override;
    Result<std::vector<ManualPair>> pairs_of(std::span<const Uid> records) override;
    Result<std::vector<std::optional<Customer>>> customers(std::span<const Uid> uids) override;
    Result<std::vector<Uid>> resolve(std::span<const Uid> customers) override;
    Result<std::vector<Customer>> list_customers(Uid after, std::size_t limit) override;
    Result<std::uint64_t> customer_count() override;

  private:
    Statement by_key_, keys_of_, link_, members_, pairs_, customer_, alias_, list_, count_;
};

class IdentityTable final : public Identity, public IdentityReads {
  public:
    explicit IdentityTable(Connection& connection);
    Result<void> put_keys(std::span<const RecordKeys> records) override;
    Result<void> set_links(std::span<const Link> links) override;
    Result<void> remove_links(std::span<const Uid> records) override;
    Result<void> put_pairs(std::span<const ManualPair> pairs) override;
    Result<void> remove_pair(Uid a, Uid b) override;
    Result<void> put_customers(std::span<const Customer> customers) override;
    Result<void> put_alias(Uid merged, Uid survivor, Timestamp at) override;
    Result<void> remove_alias(Uid merged) override;

  private:
    Statement put_key_, drop_key_, put_link_, drop_link_, put_pair_, drop_pair_, put_customer_, drop_customer_,
        put_alias_, drop_alias_;
};

}  // namespace tributary::store
