// The Merkle tree over the audit trail (RFC 6962 section 2.1): a root says what all entries before it were, with proofs
// of at most 64 hashes.
//
// leaf = SHA-256(0x00 || entry bytes), node = SHA-256(0x01 || left || right), the root of an empty tree = SHA-256("").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::audit {

using Hash = crypto::Digest<32>;

// nullopt: not 32 bytes.
std::optional<Hash> hash_of(const std::optional<std::string>& bytes);
Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);
// The linear chain beside the tree, for readers that go from entry to entry; 32 zero bytes before the first.
Hash chain_hash(const Hash& previous, const Hash& leaf);

// A tree of which only the roots of its complete parts are kept (a compact range): it grows and has a root, and cannot
// prove. Copied freely: at most 64 hashes.
class Tree {
  public:
    Tree() = default;
    // What parts() gave for this size. bad_input when the number of hashes is not that of the size.
    static Result<Tree> of(std::uint64_t size, std::string_view parts);

    void append(const Hash& leaf);
    std::uint64_t size() const { return size_; }
    Hash root() const;
    // The hashes one after the other, the largest part first.
    std::string parts() const;
    // The root of these leaves, when they are one of the parts.
    std::optional<Hash> part(std::uint64_t from, std::uint64_t to) const;

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> parts_;
};

// Leaves [from, to) whose own root is one hash of a proof.
struct Range {
    std::uint64_t from = 0, to = 0;
    friend bool operator==(const Range&, const Range&) = default;
};
using Proof = std::vector<Hash>;

// Which parts of a tree of `size` prove that the leaf at `index` is in it, in the proof's order. REQUIRES: index <
// size.
std::vector<Range> inclusion_ranges(std::uint64_t index, std::uint64_t size);
// Which prove that the tree of `older` is the beginning of that of `size`. REQUIRES: 0 < older <= size.
std::vector<Range> consistency_ranges(std::uint64_t older, std::uint64_t size);

// Makes a proof from one pass over the leaves, in memory of the proof alone.
class Prover {
  public:
    explicit Prover(std::vector<Range> ranges) : ranges_(std::move(ranges)), trees_(ranges_.size()) {}
    // That the tree of `known` is the beginning of that of `size`. Its own leaves are not asked for.
    static Prover of_growth(const Tree& known, std::uint64_t size);
    // The leaves in order: from 0 on, or those after `known`.
    void add(const Hash& leaf);
    Proof proof() const;

  private:
    std::vector<Range> ranges_;
    std::vector<Tree> trees_;
    std::vector<std::optional<Hash>> known_;  // by range; may be shorter
    std::uint64_t seen_ = 0;
};

// Foreign proofs of any length are taken.
bool proves_inclusion(std::span<const Hash> proof, const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      const Hash& root);
bool proves_consistency(std::span<const Hash> proof, std::uint64_t older, const Hash& older_root, std::uint64_t size,
                        const Hash& root);

}  // namespace tributary::audit
