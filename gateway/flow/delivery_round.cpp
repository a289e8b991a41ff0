// The lanes of a round, from the claim to the pushes that are made of them.
#include "gateway/flow/delivery_round.hpp"

#include <boost/asio/this_coro.hpp>
#include <map>

namespace tributary::flow {

namespace {

constexpr std::size_t kLanesOfSlowStart = 8;

}  // namespace

run::Task<Result<std::size_t>> DeliveryRound::claim() {
    const auto asked = steady();
    const auto state = way_.breaker.state(asked);
    if (state == run::Breaker::State::open) co_return 0;
    const std::size_t most = state == run::Breaker::State::closed       ? way_.limits.lanes
                             : state == run::Breaker::State::slow_start ? kLanesOfSlowStart
                                                                        : 1;
    auto leased = co_await run::on(way_.world.pool, [&] { return lease_lanes(most); });
    if (!leased) co_return pass(std::move(leased));
    if (lanes_.empty()) co_return 0;
    hold_ = std::make_shared<run::Hold>(way_.world.timers.clock(), asked + way_.limits.certain());
    std::vector<store::LaneLease> leases;
    for (const auto& lane : lanes_) leases.push_back(lane.claimed.lease);
    const run::Executor executor = co_await boost::asio::this_coro::executor;
    keeping_.emplace(run::start(executor, keep_leases(std::move(leases), over_.get_token())));
    co_return lanes_.size();
}

Result<void> DeliveryRound::lease_lanes(std::size_t most) {
    auto& world = way_.world;
    store::LaneClaim ask;
    ask.destination = way_.destination;
    ask.lanes = most;
    ask.items = way_.limits.items;
    ask.now = world.clock.now();
    ask.lease = way_.limits.lease;
    ask.owner = "gateway";
    // Looking first is cheap; claiming writes.
    std::optional<Timestamp> due;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(due, session.outbox().next_due(way_.destination));
        return {};
    }));
    if (!due || *due > ask.now) return {};
    return world.store.write([&](store::Session& session) -> Result<void> {
        TRY(auto claimed, session.outbox().claim(ask));
        full_ = claimed.size() >= ask.lanes;
        lanes_.clear();
        for (auto& lane : claimed) {
            const auto first = lane.first_failed_at;
            lanes_.push_back(open_lane(world, std::move(lane)));
            if (first) lanes_.back().failing_since = steady() - (world.clock.now() - *first);
        }
        return {};
    });
}

// A push may wait for a rate budget, or for a slow answer, longer than a lease lasts.
run::Task<void> DeliveryRound::keep_leases(std::vector<store::LaneLease> leases, std::stop_token over) {
    auto& world = way_.world;
    const auto lease = way_.limits.lease;
    while (co_await world.timers.sleep_for(way_.limits.certain() / 2, over)) {
        const auto asked = steady();
        auto held = co_await run::on(world.pool, [&]() -> Result<bool> {
            bool all = true;
            CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
                TRY(auto each, session.outbox().heartbeat(leases, world.clock.now(), lease));
                all = std::ranges::all_of(each, [](bool one) { return one; });
                return {};
            }));
            return all;
        });
        if (!held) world.log.error("leases not renewed", held.error(), {{"destination", way_.destination}});
        // Others hold some by now: what is under way ends, and nothing more is sent.
        if (held && !*held) hold_->end();
        if (held && *held) hold_->extend(asked + way_.limits.certain());
    }
}

run::Task<void> DeliveryRound::send(std::stop_token stop) {
    send_until_ = steady() + way_.limits.certain();
    const auto busy = [&] { return std::ranges::any_of(lanes_, [](const auto& lane) { return lane.active(); }); };
    while (busy() && !pause_ && may_send() && !stop.stop_requested()) co_await wave();
}

run::Task<void> DeliveryRound::wave() {
    Heads heads;
    for (auto& lane : lanes_)
        if (lane.active()) heads.push_back(&lane);
    co_await run::on(way_.world.pool, [&] { make_ready(heads); });

    // One push holds items of one delivery, as many as its action takes.
    std::map<std::pair<const Delivery*, bool>, Heads> groups;
    for (auto* lane : heads) groups[{lane->head().delivery, lane->head().push.deleted}].push_back(lane);
    std::vector<Heads> pushes;
    for (auto& [key, group] : groups) {
        std::size_t limit = std::max<std::size_t>(1, way_.sink->batch_limit(key.first->action));
        if (key.first->batch > 0) limit = std::min(limit, key.first->batch);
        for (std::size_t at = 0; at < group.size(); at += limit)
            pushes.emplace_back(group.begin() + static_cast<std::ptrdiff_t>(at),
                                group.begin() + static_cast<std::ptrdiff_t>(std::min(group.size(), at + limit)));
    }
    std::ranges::reverse(pushes);  // they are taken from the back
    const run::Executor executor = co_await boost::asio::this_coro::executor;
    std::vector<run::Started<void>> sending;
    for (std::size_t i = std::min(pushes.size(), way_.limits.pushes); i > 0; --i)
        sending.push_back(run::start(executor, push_in_turn(pushes)));
    for (auto& one : sending) co_await run::end(one);
}

run::Task<void> DeliveryRound::push_in_turn(std::vector<Heads>& left) {
    while (!left.empty() && may_send() && !pause_) {
        auto next = std::move(left.back());
        left.pop_back();
        co_await push(std::move(next));
    }
}

}  // namespace tributary::flow
