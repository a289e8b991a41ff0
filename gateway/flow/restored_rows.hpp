// RestoredRows: which rows of a backup may come back. Of a person who was erased since it was made nothing does, save
// the evidence of consent, which holds no contact point; nor what waited in the queue then and is known to be
// delivered.
//
// Tables are asked in the order of store::Snapshot::tables().
#pragma once

#include <set>
#include <span>
#include <string>

#include "gateway/flow/ledger_file.hpp"
#include "gateway/store/snapshot.hpp"

namespace tributary::flow {

class RestoredRows {
  public:
    // Of the ledger outside; those that the backup itself knows were erased before it.
    // `delivered`: idempotency keys.
    explicit RestoredRows(std::span<const LedgerLine> ledger, std::set<std::string> delivered = {});

    void table(const store::TableShape& table);
    bool keeps(const store::Cells& cells);

    std::uint64_t left_out() const { return left_out_; }
    std::uint64_t subjects() const { return subjects_.size(); }
    // Items among those left out.
    std::uint64_t delivered() const { return delivered_items_; }

  private:
    bool judge(const store::Cells& cells);
    const std::string* bytes(const store::Cells& cells, std::string_view column) const;
    bool among(const std::set<std::string>& set, const store::Cells& cells, std::string_view column) const;

    std::set<std::pair<std::string, std::string>> acts_;  // request, subject
    std::set<std::string> delivered_;
    std::set<std::string> subjects_, records_;
    std::set<std::string> unlinked_, linked_;  // customers
    store::TableShape table_;
    std::uint64_t left_out_ = 0, delivered_items_ = 0;
};

}  // namespace tributary::flow
