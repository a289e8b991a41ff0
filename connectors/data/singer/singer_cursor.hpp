// SingerCursor: where a stream of a tap goes on: the last state it gave, and how many records have come since then.
//
// Only the state can be told to a tap that is started anew, so the records behind it come again: repeated, never
// skipped. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/result.hpp"

namespace tributary::connectors::singer {

struct SingerCursor {
    std::string state;        // JSON; empty: none yet
    std::uint64_t since = 0;  // records read behind it

    static Result<SingerCursor> read(const std::string& json);
    std::string write() const;
};

}  // namespace tributary::connectors::singer
