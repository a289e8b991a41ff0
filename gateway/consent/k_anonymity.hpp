// KAnonymity: which groups of rows hold at least k different people. Rows of one group look alike in all their
// quasi-identifiers, so that nobody in it stands out. Pure; its memory grows with the groups, not with the rows.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::consent {

class KAnonymity {
  public:
    using Group = crypto::Digest<32>;  // of what the quasi-identifiers of a row say

    explicit KAnonymity(std::size_t k) : k_(k) {}

    // bad_input: more groups than can be counted; the quasi-identifiers are too fine.
    Result<void> add(const Group& group, const Uid& person);
    bool holds(const Group& group) const;
    std::size_t groups() const { return people_.size(); }
    std::size_t small_groups() const;

    static constexpr std::size_t kMostGroups = 1'000'000;

  private:
    std::size_t k_;
    std::map<Group, std::vector<Uid>> people_;  // at most k of each: more need not be told apart
};

}  // namespace tributary::consent
