// Keys: the wrapped key of each data subject, put in the transaction that carries the first data sealed with it.
// The rows' form and the vault's promises stand in vault/key_store.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::store {

// How many subject keys one key of the ring wraps.
struct WrappedCount {
    Uid kek;
    std::uint64_t keys = 0;
};

class KeysView {
  public:
    virtual ~KeysView() = default;
    // One answer for each subject, in order; nullopt where none is kept.
    virtual Result<std::vector<std::optional<vault::WrappedKey>>> find(std::span<const Uid> subjects) = 0;
    // Keys wrapped by `kek`, for re-wrapping: keyset paging in order of subject, a nil Uid to begin.
    virtual Result<std::vector<vault::WrappedKey>> wrapped_by(Uid kek, Uid after, std::size_t limit) = 0;
    // Reads the whole table.
    virtual Result<std::vector<WrappedCount>> wrapped_counts() = 0;
    virtual Result<bool> is_retired(Uid kek) = 0;
};

class Keys : public virtual KeysView {
  public:
    // The first writer wins: the same bytes again change nothing, other bytes are Fault::conflict; return that error,
    // so that the data sealed with the losing key are rolled back with it.
    virtual Result<void> put(std::span<const vault::WrappedKey> keys) = 0;
    // Compare-and-set: one that is no longer as it was, or was destroyed, is left alone. Returns how many were
    // replaced. conflict: a key of the ring that is to wrap one of them was retired meanwhile; none is replaced then.
    virtual Result<std::uint64_t> rewrap(std::span<const vault::Rewrapped> keys) = 0;
    // From its commit on nothing that this key of the ring wraps or seals can be put, here, among the secrets or into
    // the inbox: what is still on its way fails with Fault::conflict. For a key that is about to be destroyed.
    virtual Result<void> retire(Uid kek) = 0;
    // Erasure. Returns how many there were.
    virtual Result<std::uint64_t> destroy(std::span<const Uid> subjects) = 0;
};

}  // namespace tributary::store
