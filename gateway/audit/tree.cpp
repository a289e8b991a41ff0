#include "gateway/audit/tree.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace tributary::audit {
namespace {

Hash digest_of(char domain, std::string_view first, std::string_view second) {
    std::string bytes(1, domain);
    bytes += first;
    bytes += second;
    return crypto::sha256(bytes);
}

// The largest power of two below `size`. REQUIRES: size > 1.
std::uint64_t split_of(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

// The proof of `older` in the tree over `all`; `whole` while that tree's own root is known to who checks.
void add_consistency(std::uint64_t older, Range all, bool whole, std::vector<Range>& out) {
    const auto size = all.to - all.from;
    if (older == size) {
        if (!whole) out.push_back(all);
        return;
    }
    const auto middle = all.from + split_of(size);
    if (all.from + older <= middle) {
        add_consistency(older, {all.from, middle}, whole, out);
        out.push_back({middle, all.to});
    } else {
        add_consistency(older - (middle - all.from), {middle, all.to}, false, out);
        out.push_back({all.from, middle});
    }
}

// The way from a leaf to the root, level by level; `last` is the level's last node.
struct Climb {
    std::uint64_t node, last;

    bool at_root() const { return last == 0; }
    void rise() {
        node >>= 1;
        last >>= 1;
    }
    // Takes the next hash of a proof; whether it stands to the left.
    bool step() {
        const bool left = (node & 1) || node == last;
        // A last node without a sibling goes up as it is.
        while (left && !(node & 1) && node != 0) rise();
        rise();
        return left;
    }
};

}  // namespace

std::optional<Hash> hash_of(const std::optional<std::string>& bytes) {
    Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

Hash leaf_hash(std::string_view entry) {
    return digest_of('\x00', entry, {});
}
Hash node_hash(const Hash& left, const Hash& right) {
    return digest_of('\x01', left.view(), right.view());
}
Hash chain_hash(const Hash& previous, const Hash& leaf) {
    return node_hash(previous, leaf);
}

Result<Tree> Tree::of(std::uint64_t size, std::string_view parts) {
    const auto count = static_cast<std::size_t>(std::popcount(size));
    if (parts.size() != count * Hash{}.size())
        return fail(Fault::bad_input, "a tree of this size has another number of parts");
    Tree tree;
    tree.size_ = size;
    tree.parts_.resize(count);
    for (std::size_t i = 0; i < count; ++i)
        std::ranges::copy(parts.substr(i * Hash{}.size(), Hash{}.size()), tree.parts_[i].begin());
    return tree;
}

void Tree::append(const Hash& leaf) {
    auto hash = leaf;
    // Each trailing one of the size is a complete part that this leaf completes further.
    for (auto rest = size_; rest & 1; rest >>= 1) {
        hash = node_hash(parts_.back(), hash);
        parts_.pop_back();
    }
    parts_.push_back(hash);
    ++size_;
}

Hash Tree::root() const {
    if (parts_.empty()) return crypto::sha256("");
    auto hash = parts_.back();
    for (auto i = parts_.size() - 1; i-- > 0;) hash = node_hash(parts_[i], hash);
    return hash;
}

std::string Tree::parts() const {
    std::string bytes;
    for (const auto& part : parts_) bytes += part.view();
    return bytes;
}

std::optional<Hash> Tree::part(std::uint64_t from, std::uint64_t to) const {
    std::uint64_t begin = 0;
    for (const auto& hash : parts_) {
        const auto end = begin + std::bit_floor(size_ - begin);
        if (begin == from && end == to) return hash;
        begin = end;
    }
    return std::nullopt;
}

std::vector<Range> inclusion_ranges(std::uint64_t index, std::uint64_t size) {
    std::vector<Range> out;
    Range all{0, size};
    while (all.to - all.from > 1) {
        const auto middle = all.from + split_of(all.to - all.from);
        const bool left = index < middle;
        out.push_back(left ? Range{middle, all.to} : Range{all.from, middle});
        all = left ? Range{all.from, middle} : Range{middle, all.to};
    }
    std::ranges::reverse(out);
    return out;
}

std::vector<Range> consistency_ranges(std::uint64_t older, std::uint64_t size) {
    std::vector<Range> out;
    add_consistency(older, {0, size}, true, out);
    return out;
}

void Prover::add(const Hash& leaf) {
    for (std::size_t i = 0; i < ranges_.size(); ++i)
        if (ranges_[i].from <= seen_ && seen_ < ranges_[i].to) trees_[i].append(leaf);
    ++seen_;
}

// What the proof needs of the older tree are its own parts: of no leaf before its end is anything else asked.
Prover Prover::of_growth(const Tree& known, std::uint64_t size) {
    Prover prover(consistency_ranges(known.size(), size));
    for (const auto& range : prover.ranges_) prover.known_.push_back(known.part(range.from, range.to));
    prover.seen_ = known.size();
    return prover;
}

Proof Prover::proof() const {
    Proof proof;
    for (std::size_t i = 0; i < trees_.size(); ++i)
        proof.push_back(i < known_.size() && known_[i] ? *known_[i] : trees_[i].root());
    return proof;
}

// RFC 9162, section 2.1.3.2.
bool proves_inclusion(std::span<const Hash> proof, const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      const Hash& root) {
    if (index >= size) return false;
    Climb climb{index, size - 1};
    auto hash = leaf;
    for (const auto& each : proof) {
        if (climb.at_root()) return false;
        hash = climb.step() ? node_hash(each, hash) : node_hash(hash, each);
    }
    return climb.at_root() && hash == root;
}

// RFC 9162, section 2.1.4.2.
bool proves_consistency(std::span<const Hash> proof, std::uint64_t older, const Hash& older_root, std::uint64_t size,
                        const Hash& root) {
    if (older == 0 || older > size) return false;
    if (older == size) return proof.empty() && older_root == root;
    auto rest = proof;
    // A complete tree's own root stands for the first hash.
    auto first = older_root;
    if (!std::has_single_bit(older)) {
        if (rest.empty()) return false;
        first = rest[0];
        rest = rest.subspan(1);
    }
    Climb climb{older - 1, size - 1};
    while (climb.node & 1) climb.rise();
    auto old_hash = first, new_hash = first;
    for (const auto& each : rest) {
        if (climb.at_root()) return false;
        if (climb.step()) {
            old_hash = node_hash(each, old_hash);
            new_hash = node_hash(each, new_hash);
        } else {
            new_hash = node_hash(new_hash, each);
        }
    }
    return climb.at_root() && old_hash == older_root && new_hash == root;
}

}  // namespace tributary::audit
