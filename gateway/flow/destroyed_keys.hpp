// DestroyedKeys: forgets the keys of people whom another process erased. A key in this process's memory would go on
// opening, and sealing, what was to be gone. Where several gateways share a store, this is asked every few seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "gateway/base/result.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/subject_keys.hpp"

namespace tributary::flow {

// Used by one thread at a time. Both outlive it.
class DestroyedKeys {
  public:
    DestroyedKeys(store::Store& store, vault::SubjectKeys& keys) : store_(store), keys_(keys) {}
    // Begins with what is erased from the first call on: nothing older is in memory yet. How many were forgotten.
    Result<std::size_t> follow();

  private:
    store::Store& store_;
    vault::SubjectKeys& keys_;
    std::optional<std::int64_t> seen_;  // of the ledger of erasures
    std::set<Uid> barred_;              // erased, with a key that is not destroyed yet
};

}  // namespace tributary::flow
