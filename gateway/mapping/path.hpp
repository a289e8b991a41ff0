// Path: a place in a source record as a mapping writes it, relative to the element around it.
//
//   name   customer.first_name   emails[0].address   ["odd.key"].x    from the record, or from the element inside
//   `each`
//   $.currency   $                                                    from the record, also inside `each`
//   _item   _index   _number                                          the element itself; its position from 0, from 1
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"

namespace tributary::mapping {

struct Path {
    struct Step {
        std::string key;
        std::size_t index = 0;
        bool by_index = false;
    };
    enum class Start : std::uint8_t { here, record, position, number };

    Start start = Start::here;
    std::vector<Step> steps;  // none: the start itself
};

// Fault::bad_config with what is wrong and what a path looks like.
Result<Path> parse_path(std::string_view text);

}  // namespace tributary::mapping
