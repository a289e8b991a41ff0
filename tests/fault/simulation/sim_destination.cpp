#include "tests/fault/simulation/sim_destination.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::simulation {
namespace {

std::uint32_t number_of(const connector::Push& item) {
    return static_cast<std::uint32_t>(std::stoul(std::string(item.record.root().find("n").text())));
}

}  // namespace

SimDestination::Fate SimDestination::fate() {
    using Kind = Fate::Kind;
    const auto up_to = [&](Milliseconds most) {
        return Milliseconds{1 + random_() % static_cast<unsigned>(most.count())};
    };
    Fate made{Kind::applied, up_to(kLongestRequest / 2), {}};
    made.answered = made.takes_effect + up_to(kLongestRequest / 2);
    if (calm_ || random_() % 100 >= scenario_.trouble) return made;
    switch (random_() % 12) {
        case 0:
            made.kind = Kind::refused;
            break;
        case 1:
        case 2:
            made.kind = Kind::lost_answer;
            break;
        case 3:
            made.kind = Kind::lost_request;
            break;
        case 4:
            made.kind = Kind::limited;
            break;
        case 5:
            made.kind = Kind::overloaded;
            break;
        case 6:
            made.answered += up_to(3 * kLease);  // slow, or held up by a rate budget
            break;
        case 7:
            made.waits = up_to(2 * kLease);
            break;
        case 8:
            made.late = up_to(4 * kLease);
            break;
        default:
            made.answered += up_to(3 * kLease);
            made.stalls = true;
            if (random_() % 2 == 0) made.kind = Kind::lost_answer;
    }
    return made;
}

void SimDestination::begin(std::uint32_t number, const Fate& fate, unsigned node) {
    if (!allowed_[lane_of(number)])
        breaches_.push_back(fmt::format("{} was sent after its consent was withdrawn", number));
    if (fate.late > 0ms) stall_(node, fate.late);
}

void SimDestination::send(std::uint32_t number, const std::string& key, const Fate& fate, unsigned node) {
    ++sent_;
    sent_again_ += !seen_.insert(number).second;
    const auto lane = lane_of(number);
    note_(fmt::format("node {} sends {} of lane {} with key {}: fate {}, answer in {} ms", node, number, lane,
                      key.substr(0, 6), static_cast<int>(fate.kind), fate.answered.count()));
    if (refuses(number) || (fate.kind != Fate::Kind::applied && fate.kind != Fate::Kind::lost_answer)) return;
    at_(fate.takes_effect, [this, number, key] { apply(number, key); });
    if (fate.stalls)
        at_(fate.takes_effect, [this, node, lasts = fate.answered - fate.takes_effect] { stall_(node, lasts); });
}

void SimDestination::apply(std::uint32_t number, const std::string& key) {
    using connector::Idempotency;
    const bool again = scenario_.kind == Idempotency::idempotency_key && !keys_.insert(key).second;
    // An upsert of the state that is there already has no effect.
    const auto of_lane = [&](const Effect& effect) { return lane_of(effect.number) == lane_of(number); };
    const bool same = scenario_.kind == Idempotency::natural_key && applied_.contains(number) &&
                      std::ranges::find_if(effects_.rbegin(), effects_.rend(), of_lane)->number == number;
    note_(fmt::format("{} {}", number, again || same ? "is there already" : "takes effect"));
    if (again || same) return;
    applied_.insert(number);
    effects_.push_back({number, key});
}

run::Task<std::vector<connector::Sink::Outcome>> SimConnector::push(std::string, std::vector<connector::Push> items) {
    using Kind = SimDestination::Fate::Kind;
    const auto fate = destination_.fate();
    if (fate.waits > 0ms) {
        co_await timers_.sleep_for(fate.waits);
        if (!co_await items.front().look_again()) co_return connector::all_failed(items.size(), run::Hold::too_late());
    }
    std::vector<std::uint32_t> numbers;
    for (const auto& item : items) destination_.begin(numbers.emplace_back(number_of(item)), fate, node_);
    if (fate.late > 0ms) co_await timers_.sleep_for(1ms);
    if (broken_ != Broken::hold && !items.front().hold->stands())
        co_return connector::all_failed(items.size(), run::Hold::too_late());
    for (const auto& item : items) {
        auto key = item.idempotency_key;
        if (broken_ == Broken::dedup) key += fmt::format("-{}-{}", node_, ++attempts_);
        destination_.send(number_of(item), key, fate, node_);
    }
    co_await timers_.sleep_for(fate.answered);
    std::vector<Outcome> outcomes;
    for (const auto number : numbers) {
        const auto failed = [&](Fault fault, bool ambiguous, std::optional<Milliseconds> after = std::nullopt) {
            outcomes.push_back({fail(Error{fault, "it went wrong", "", after}), ambiguous});
        };
        if (fate.kind == Kind::refused)
            failed(Fault::transient, false);
        else if (fate.kind == Kind::lost_answer || fate.kind == Kind::lost_request)
            failed(Fault::transient, true);
        else if (fate.kind == Kind::limited)
            failed(Fault::rate_limited, false, 800ms);
        else if (fate.kind == Kind::overloaded)
            failed(Fault::transient, false, 1200ms);
        else if (destination_.refuses(number))
            failed(Fault::bad_input, false);
        else
            outcomes.push_back({connector::Receipt{fmt::format("r-{}", destination_.lane_of(number)), false}, false});
    }
    co_return outcomes;
}

run::Task<Result<std::optional<connector::Receipt>>> SimConnector::look_up(std::string, const connector::Push& item) {
    const auto number = number_of(item);
    co_await timers_.sleep_for(20ms);
    if (!destination_.has(number)) co_return std::optional<connector::Receipt>{};
    co_return std::optional(connector::Receipt{fmt::format("r-{}", destination_.lane_of(number)), true});
}

}  // namespace tributary::simulation
