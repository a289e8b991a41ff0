// BudgetRule: how many calls one credential may make, as a file writes it: a token bucket, corrected by what the server
// tells of its own count.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/figure.hpp"
#include "gateway/run/rate_budget.hpp"

namespace tributary::connector {

// What an answer tells: how many are used or left, of how many. Points, calls or percent: only their ratio counts.
struct BudgetSignal {
    std::optional<Figure> used, left;  // one of them
    Figure of;

    struct Spent {
        double used, of;
    };
    // nullopt: the answer does not tell.
    std::optional<Spent> read(const Answer& answer) const;
};
const spec::Type<BudgetSignal>& describe(spec::Tag<BudgetSignal>);

struct BudgetRule {
    run::RateLimits limits;
    std::vector<BudgetSignal> signals;
};
const spec::Type<BudgetRule>& describe(spec::Tag<BudgetRule>);

}  // namespace tributary::connector
