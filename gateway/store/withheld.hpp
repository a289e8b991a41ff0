// Withheld: what consent keeps back, by (destination, record), with its reason code. Nothing leaves it by itself: when
// a consent event arrives the caller takes the customer's rows and enqueues them again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

struct WithheldRow {
    std::int64_t id = 0;  // given by the store
    std::string destination;
    Uid record;
    Uid customer;
    std::string entity;
    std::string operation;
    std::string purpose;
    std::string reason;  // a code of reference/consent.md 2.3: C-UNKNOWN, C-WITHDRAWN, ...
    std::string origin;
    std::string mapping_version;
    Timestamp since;
};

struct WithheldCount {
    std::string destination, reason;
    std::uint64_t records = 0;
};

class WithheldView {
  public:
    virtual ~WithheldView() = default;
    virtual Result<std::vector<WithheldRow>> of_customer(Uid customer) = 0;
    // Keyset paging in order of id: pass the last id seen, 0 to begin.
    virtual Result<std::vector<WithheldRow>> list(const std::optional<std::string>& destination, std::int64_t after,
                                                  std::size_t limit) = 0;
    virtual Result<std::vector<WithheldCount>> counts() = 0;
};

class Withheld : public virtual WithheldView {
  public:
    // One row for each (destination, record): a newer one replaces reason and form but keeps `since`.
    virtual Result<void> put(std::span<const WithheldRow> rows) = 0;
    // Removes and returns the customer's rows, of one destination or of all.
    virtual Result<std::vector<WithheldRow>> take(Uid customer, const std::optional<std::string>& destination) = 0;
    virtual Result<void> remove(const std::string& destination, std::span<const Uid> records) = 0;
};

}  // namespace tributary::store
