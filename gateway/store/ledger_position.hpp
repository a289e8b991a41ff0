// LedgerPosition: how far a ledger outside the store (flow/ledger_file.hpp) has what the store has. It lies in the
// store, so that it goes back in time with it: a ledger that is ahead tells a store that was restored. Of gateways that
// share a store each keeps a ledger of its own, under a name of its own.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/result.hpp"

namespace tributary::store {

struct LedgerPosition {
    std::uint64_t lines = 0;  // of the ledger
    std::string mac;          // of the last of them; empty without lines
    // Up to here the rows of each source are in the ledger.
    std::int64_t consent_seq = 0, suppression_seq = 0, erasure_seq = 0;
    friend bool operator==(const LedgerPosition&, const LedgerPosition&) = default;
};

class LedgerPositionView {
  public:
    virtual ~LedgerPositionView() = default;
    // All zero before the first put().
    virtual Result<LedgerPosition> get(const std::string& ledger) = 0;
};

class LedgerPositions : public virtual LedgerPositionView {
  public:
    virtual Result<void> put(const std::string& ledger, const LedgerPosition& position) = 0;
};

}  // namespace tributary::store
