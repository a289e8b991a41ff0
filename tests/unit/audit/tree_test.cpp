// The tree against the published vectors of RFC 6962 implementations, and its proofs against each other in all small
// sizes.
#include "gateway/audit/tree.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/hex.hpp"

using namespace tributary;
using namespace tributary::audit;

namespace {

// The inputs of the certificate-transparency test suite, and the roots of their first 1, 2, ... 8.
const std::vector<std::string> kInputs = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Hash> leaves_of(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash("entry " + std::to_string(i)));
    return leaves;
}

Hash root_of(std::span<const Hash> leaves) {
    Tree tree;
    for (const auto& leaf : leaves) tree.append(leaf);
    return tree.root();
}

Proof prove(std::vector<Range> ranges, std::span<const Hash> leaves) {
    Prover prover(std::move(ranges));
    for (const auto& leaf : leaves) prover.add(leaf);
    return prover.proof();
}

}  // namespace

TEST_CASE("roots are those that others compute", "[audit]") {
    CHECK(to_hex(Tree().root().view()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Tree tree;
    for (std::size_t i = 0; i < kInputs.size(); ++i) {
        tree.append(leaf_hash(from_hex(kInputs[i]).value()));
        CHECK(to_hex(tree.root().view()) == kRoots[i]);
        const auto again = Tree::of(tree.size(), tree.parts());
        REQUIRE(again);
        CHECK(again->root() == tree.root());
    }
    CHECK_FALSE(Tree::of(3, std::string(32, 'x')));
    CHECK_FALSE(Tree::of(4, std::string(31, 'x')));
}

TEST_CASE("every entry of every small tree is proved, and nothing else is", "[audit]") {
    constexpr std::size_t kMost = 20;
    const auto leaves = leaves_of(kMost);
    int proofs = 0;
    for (std::size_t size = 1; size <= kMost; ++size) {
        const auto all = std::span(leaves).first(size);
        const auto root = root_of(all);
        for (std::size_t index = 0; index < size; ++index) {
            auto proof = prove(inclusion_ranges(index, size), all);
            CHECK(proves_inclusion(proof, leaves[index], index, size, root));
            ++proofs;
            CHECK_FALSE(proves_inclusion(proof, leaf_hash("other"), index, size, root));
            CHECK_FALSE(proves_inclusion(proof, leaves[index], index, size, leaf_hash("other")));
            CHECK_FALSE(proves_inclusion(proof, leaves[index], size, size, root));
            if (size > 1) CHECK_FALSE(proves_inclusion(proof, leaves[index], (index + 1) % size, size, root));
            auto longer = proof;
            longer.push_back(root);
            CHECK_FALSE(proves_inclusion(longer, leaves[index], index, size, root));
            if (proof.empty()) continue;
            proof[0][0] ^= 1;
            CHECK_FALSE(proves_inclusion(proof, leaves[index], index, size, root));
            proof.erase(proof.begin());
            CHECK_FALSE(proves_inclusion(proof, leaves[index], index, size, root));
        }
    }
    CHECK(proofs == 210);
}

TEST_CASE("every small tree is the beginning of every larger one, and of no other", "[audit]") {
    constexpr std::size_t kMost = 20;
    const auto leaves = leaves_of(kMost);
    auto forged = leaves;
    forged[0] = leaf_hash("forged");
    for (std::size_t size = 1; size <= kMost; ++size)
        for (std::size_t older = 1; older <= size; ++older) {
            const auto all = std::span(leaves).first(size);
            const auto root = root_of(all), older_root = root_of(all.first(older));
            const auto other = root_of(std::span(forged).first(older));
            auto proof = prove(consistency_ranges(older, size), all);
            CHECK(proves_consistency(proof, older, older_root, size, root));
            CHECK_FALSE(proves_consistency(proof, older, other, size, root));
            CHECK_FALSE(proves_consistency(proof, 0, older_root, size, root));
            CHECK_FALSE(proves_consistency(proof, size + 1, older_root, size, root));
            proof.push_back(root);
            CHECK_FALSE(proves_consistency(proof, older, older_root, size, root));
        }
}

TEST_CASE("the same proof comes from the older tree's parts and the leaves after it alone", "[audit]") {
    constexpr std::size_t kMost = 40;
    const auto leaves = leaves_of(kMost);
    Tree older;
    for (std::size_t known = 1; known <= kMost; ++known) {
        older.append(leaves[known - 1]);
        for (std::size_t size = known; size <= kMost; ++size) {
            auto prover = Prover::of_growth(older, size);
            for (std::size_t i = known; i < size; ++i) prover.add(leaves[i]);
            CHECK(prover.proof() == prove(consistency_ranges(known, size), std::span(leaves).first(size)));
        }
    }
}
