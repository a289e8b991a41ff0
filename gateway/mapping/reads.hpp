// Reads: the places of one object that a mapping uses, all found in a single pass over its members.
// Built while compiling, then const. Each place has a slot; what is not there leaves its slot untouched (missing).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/mapping/key_table.hpp"
#include "gateway/mapping/path.hpp"
#include "gateway/value/document.hpp"

namespace tributary::mapping {

using Slot = std::uint32_t;
constexpr Slot kNoSlot = ~Slot{0};

class Reads {
  public:
    Reads() : levels_(1) {}

    // The slot of a place; `next` is the first slot that no Reads of the mapping has used.
    Slot add(const std::vector<Path::Step>& steps, Slot& next);
    // Call once, after the last add().
    void freeze();

    void read(value::Node from, value::Node* slots) const { read(levels_.front(), from, slots); }
    // Every slot that read() may write.
    const std::vector<Slot>& slots() const { return slots_; }

  private:
    struct Target {
        Slot slot = kNoSlot;
        int level = -1;  // where the reading goes on below this member
    };
    struct Level {
        Slot self = kNoSlot;
        std::vector<std::string> names;
        std::vector<Target> members;  // by position in names
        KeyTable keys;
        std::vector<std::size_t> indexes;
        std::vector<Target> elements;  // by position in indexes
    };

    void read(const Level& level, value::Node from, value::Node* slots) const;
    void read_elements(const Level& level, value::Node from, value::Node* slots) const;
    void take(const Target& target, value::Node node, value::Node* slots) const {
        if (target.slot != kNoSlot) slots[target.slot] = node;
        if (target.level >= 0) read(levels_[static_cast<std::size_t>(target.level)], node, slots);
    }

    std::vector<Level> levels_;
    std::vector<Slot> slots_;
};

}  // namespace tributary::mapping
