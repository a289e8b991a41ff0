#include <re2/re2.h>

#include <algorithm>

#include "gateway/mapping/runner.hpp"

namespace tributary::mapping {

// A script that fails is an issue of the record, and the condition does not hold.
bool Runner::holds(const Condition& condition) {
    const auto one = [this](const Condition& part) { return holds(part); };
    bool result = false;
    switch (condition.test) {
        case Condition::Test::in: {
            const auto node = at(condition.source);
            result = node && condition.words.find(word(node)) >= 0;
            break;
        }
        case Condition::Test::exists:
            result = !at(condition.source).is(value::Kind::missing);
            break;
        case Condition::Test::empty:
            result = is_empty(at(condition.source));
            break;
        case Condition::Test::matches: {
            const auto text = word(at(condition.source));
            result = re2::RE2::FullMatch({text.data(), text.size()}, *condition.regex);
            break;
        }
        case Condition::Test::lua: {
            const auto answer = lua().test(condition.lua->code, script_arguments());
            if (!answer) {
                report(Level::quarantine, answer.error().code, answer.error().message, target_path({}), nullptr);
                return false;
            }
            result = *answer;
            break;
        }
        case Condition::Test::all:
            result = std::ranges::all_of(condition.parts, one);
            break;
        case Condition::Test::any:
            result = std::ranges::any_of(condition.parts, one);
            break;
    }
    return result != condition.negated;
}

}  // namespace tributary::mapping
