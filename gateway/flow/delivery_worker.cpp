#include "gateway/flow/delivery_worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/flow/outbound.hpp"
#include "gateway/flow/uniform.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;
using boost::asio::experimental::use_promise;

namespace {

constexpr Milliseconds kDeliveryPoll = 10ms;   // between looks at wake()
constexpr Milliseconds kDeliveryIdle = 250ms;  // the poll that is the truth when a wake-up was lost
// Of the lease, this part is trusted without a word from the store; what was sent in it has as long again to take
// effect before another may send. Leases are renewed more often.
constexpr int kCertain = 2;

}  // namespace

DeliveryWorker::DeliveryWorker(World& world, std::string destination, DeliveryLimits limits)
    : world_(world), destination_(std::move(destination)), limits_(limits) {
    if (const auto* connection = world_.connection(destination_)) sink_ = connection->connector->sink();
}

run::Breaker::State DeliveryWorker::breaker_state() const {
    return breaker_.state(world_.timers.clock().steady());
}

run::Task<> DeliveryWorker::run(std::stop_token stop) {
    auto looked = world_.timers.clock().steady();
    while (!stop.stop_requested()) {
        bool due = world_.timers.clock().steady() - looked >= kDeliveryIdle;
        if (work_.exchange(false) || due) {
            auto taken = co_await round(stop);
            if (!taken) world_.log.error("delivery round", taken.error(), {{"destination", destination_}});
            if (taken && *taken > 0) {
                work_.store(true);
                continue;
            }
            looked = world_.timers.clock().steady();
        }
        co_await world_.timers.sleep_for(kDeliveryPoll, stop);
    }
}

Result<std::vector<DeliveryLane>> DeliveryWorker::claim() {
    store::LaneClaim ask;
    ask.destination = destination_;
    auto state = breaker_state();
    if (state == run::Breaker::State::open) return {};
    ask.lanes = state == run::Breaker::State::closed ? limits_.lanes : state == run::Breaker::State::slow_start ? 8 : 1;
    ask.items = limits_.items;
    ask.now = world_.clock.now();
    ask.lease = limits_.lease;
    ask.owner = "gateway";
    // Looking first is cheap; claiming writes.
    std::optional<Timestamp> due;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(due, session.outbox().next_due(destination_));
        return {};
    }));
    if (!due || *due > ask.now) return {};
    std::vector<DeliveryLane> lanes;
    CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
        TRY(auto claimed, session.outbox().claim(ask));
        const auto steady = world_.timers.clock().steady();
        for (auto& lane : claimed) {
            const auto first = lane.first_failed_at;
            lanes.push_back(open_lane(world_, std::move(lane)));
            if (first) lanes.back().failing_since = steady - (world_.clock.now() - *first);
        }
        return {};
    }));
    return lanes;
}

bool DeliveryWorker::may_send() const {
    return world_.timers.clock().steady() < send_until_;
}

run::Task<Result<std::size_t>> DeliveryWorker::round(std::stop_token stop) {
    pause_.reset();
    auto began = world_.timers.clock().steady();
    auto claimed = co_await run::on(world_.pool, [this] { return claim(); });
    if (!claimed) co_return pass(std::move(claimed));
    auto& lanes = *claimed;
    if (lanes.empty()) co_return 0;
    send_until_ = began + limits_.lease - limits_.margin;
    hold_ = std::make_shared<run::Hold>(world_.timers.clock(), began + limits_.lease / kCertain);
    auto busy = [&] { return std::ranges::any_of(lanes, [](const auto& lane) { return lane.active(); }); };
    std::vector<store::LaneLease> leases;
    for (const auto& lane : lanes) leases.push_back(lane.claimed.lease);
    std::stop_source over;
    auto keeping = boost::asio::co_spawn(co_await boost::asio::this_coro::executor,
                                         keep_leases(std::move(leases), over.get_token()), use_promise);
    while (busy() && !pause_ && may_send() && !stop.stop_requested()) co_await wave(lanes);
    auto settled = co_await settle(lanes, began + limits_.lease, stop);
    over.request_stop();
    co_await std::move(keeping)(boost::asio::use_awaitable);
    if (!settled) co_return pass(std::move(settled));
    co_return lanes.size();
}

// A push may wait for a rate budget, or for a slow answer, longer than a lease lasts.
run::Task<void> DeliveryWorker::keep_leases(std::vector<store::LaneLease> leases, std::stop_token over) {
    while (co_await world_.timers.sleep_for(limits_.lease / 3, over)) {
        const auto asked = world_.timers.clock().steady();
        auto held = co_await run::on(world_.pool, [&]() -> Result<bool> {
            bool all = true;
            CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
                TRY(auto each, session.outbox().heartbeat(leases, world_.clock.now(), limits_.lease));
                all = std::ranges::all_of(each, [](bool one) { return one; });
                return {};
            }));
            return all;
        });
        if (!held) world_.log.error("leases not renewed", held.error(), {{"destination", destination_}});
        // Others hold some by now: what is under way ends, and nothing more is sent.
        if (held && !*held) {
            send_until_ = world_.timers.clock().steady();
            hold_->end();
        }
        if (held && *held) hold_->extend(asked + limits_.lease / kCertain);
    }
}

run::Task<void> DeliveryWorker::wave(std::vector<DeliveryLane>& lanes) {
    Heads heads;
    for (auto& lane : lanes)
        if (lane.active()) heads.push_back(&lane);
    co_await run::on(world_.pool, [&] { make_ready(heads); });

    // One push holds items of one delivery, as many as its action takes.
    std::map<std::pair<const Delivery*, bool>, Heads> groups;
    for (auto* lane : heads) groups[{lane->head().delivery, lane->head().push.deleted}].push_back(lane);
    std::vector<Heads> pushes;
    for (auto& [key, group] : groups) {
        std::size_t limit = std::max<std::size_t>(1, sink_->batch_limit(key.first->action));
        if (key.first->batch > 0) limit = std::min(limit, key.first->batch);
        for (std::size_t at = 0; at < group.size(); at += limit)
            pushes.emplace_back(group.begin() + static_cast<std::ptrdiff_t>(at),
                                group.begin() + static_cast<std::ptrdiff_t>(std::min(group.size(), at + limit)));
    }
    auto executor = co_await boost::asio::this_coro::executor;
    using Sending = decltype(boost::asio::co_spawn(executor, push_in_turn(pushes), use_promise));
    std::vector<Sending> sending;
    std::ranges::reverse(pushes);  // they are taken from the back
    for (std::size_t i = 0; i < std::min(pushes.size(), limits_.pushes); ++i)
        sending.push_back(boost::asio::co_spawn(executor, push_in_turn(pushes), use_promise));
    for (auto& one : sending) co_await std::move(one)(boost::asio::use_awaitable);
}

run::Task<void> DeliveryWorker::push_in_turn(std::vector<Heads>& left) {
    while (!left.empty() && may_send() && !pause_) {
        auto next = std::move(left.back());
        left.pop_back();
        co_await push(std::move(next));
    }
}

run::Task<void> DeliveryWorker::push(Heads heads) {
    const auto& delivery = *heads.front()->head().delivery;
    auto now = [this] { return world_.timers.clock().steady(); };
    // An attempt whose end nobody saw: ask before sending again what must not arrive twice.
    if (sink_->idempotency(delivery.action) == connector::Idempotency::none) {
        Heads left;
        for (auto* lane : heads)
            if ((lane->claimed.fail_count == 0 && lane->claimed.crash_count == 0) || !co_await arrived_before(*lane)) {
                if (!lane->stopped) left.push_back(lane);
            }
        heads = std::move(left);
        if (heads.empty()) co_return;
    }
    if (!breaker_.admit(now())) {
        for (auto* lane : heads) {
            auto until = breaker_.open_until();
            auto delay = until ? std::max<Milliseconds>(std::chrono::duration_cast<Milliseconds>(*until - now()), 100ms)
                               : 1000ms;
            lane->stopped = Verdict{Verdict::Action::retry, delay, false, false};
            lane->error = "circuit breaker is open";
        }
        co_return;
    }
    co_await run::on(world_.pool, [&] { stay_allowed(heads); });
    // Slow ones before it may have used up the lease: then the lanes are another's, or will be while it is under way.
    if (heads.empty() || !may_send()) {
        breaker_.no_verdict(now());
        co_return;
    }
    std::vector<connector::Push> items;
    for (auto* lane : heads) items.emplace_back(lane->head().push).hold = hold_;
    auto sent = now();
    auto outcomes = co_await sink_->push(delivery.action, std::move(items));
    auto took = std::chrono::duration_cast<Milliseconds>(now() - sent);
    unsigned good = 0, bad = 0;
    for (const auto& outcome : outcomes) {
        if (outcome.result)
            ++good;
        else if (outcome.result.error().fault == Fault::transient)
            ++bad;
    }
    if (bad > 0 && hold_->stands())
        breaker_.failed(now());
    else if (good > 0)
        breaker_.succeeded(now());
    else
        breaker_.no_verdict(now());

    // A whole batch refused may hold one poison record: halves find it in log2 n pushes.
    bool all_refused = heads.size() > 1 && std::ranges::all_of(outcomes, [](const auto& one) {
                           return !one.result && one.result.error().fault == Fault::bad_input;
                       });
    if (all_refused) {
        auto middle = heads.begin() + static_cast<std::ptrdiff_t>(heads.size() / 2);
        Heads first(heads.begin(), middle), second(middle, heads.end());
        co_await push(std::move(first));
        co_await push(std::move(second));
        co_return;
    }
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (i < outcomes.size())
            take(*heads[i], std::move(outcomes[i]), took);
        else
            failed(*heads[i],
                   {Fault::internal, "the connector gave no outcome for this item", "destination " + destination_},
                   true);
    }
}

run::Task<bool> DeliveryWorker::arrived_before(DeliveryLane& lane) {
    auto& head = lane.head();
    auto found = co_await sink_->look_up(head.delivery->action, head.push);
    if (!found) {
        failed(lane, found.error(), true);
        co_return true;
    }
    if (!*found) co_return false;
    delivered(lane, **found);
    co_return true;
}

void DeliveryWorker::take(DeliveryLane& lane, connector::Sink::Outcome outcome, Milliseconds took) {
    lane.head().result.took = took;
    if (outcome.result)
        delivered(lane, *outcome.result);
    else
        failed(lane, outcome.result.error(), outcome.ambiguous);
}

void DeliveryWorker::delivered(DeliveryLane& lane, const connector::Receipt& receipt) {
    auto& head = lane.head();
    auto remote_id = receipt.remote_id ? receipt.remote_id : head.push.remote_id;
    if (remote_id) head.remote = store::RemoteId{destination_, head.item->entity, head.item->record, *remote_id};
    head.disclosure = disclosure_of(world_, head, remote_id.value_or(""));
    lane.fail_count = 0;
    lane.error.clear();
    lane.end_head(store::ItemEnd::delivered, true, receipt.already_applied ? "was there already" : "delivered");
    if (lane.active() && regresses_when_sent_again(lane))
        lane.stopped = Verdict{Verdict::Action::retry, 0ms, false, false};  // goes on once this much is settled
}

// A crash before the settlement sends the round's items once more. At a destination that knows states and no keys, the
// older of two forms of a record must not come after the newer one: no round delivers both.
bool DeliveryWorker::regresses_when_sent_again(const DeliveryLane& lane) const {
    const auto& next = lane.waiting.front();
    if (!next.delivery || sink_->idempotency(next.delivery->action) != connector::Idempotency::natural_key)
        return false;
    return std::ranges::any_of(lane.ended, [&](const DeliveryItem& ended) {
        return ended.item && ended.result.end == store::ItemEnd::delivered && ended.item->record == next.item->record;
    });
}

void DeliveryWorker::failed(DeliveryLane& lane, const Error& error, bool ambiguous) {
    auto& head = lane.head();
    const Timestamp now = world_.clock.now();
    const auto steady = world_.timers.clock().steady();
    const auto failing = std::chrono::duration_cast<Milliseconds>(steady - lane.failing_since.value_or(steady));
    Attempt attempt;
    attempt.fault = error.fault;
    attempt.ambiguous = ambiguous;
    attempt.retry_after = error.retry_after;
    attempt.fail_count = static_cast<int>(lane.fail_count);
    run::Backoff backoff;
    if (head.delivery) {
        attempt.on_permanent_failure = head.delivery->on_permanent_failure;
        backoff = head.delivery->backoff;
        if (sink_)
            attempt.resend_is_harmless = sink_->idempotency(head.delivery->action) != connector::Idempotency::none;
    }
    attempt.scheduled =
        run::next_delay(backoff, lane.fail_count + 1, now - failing, now, uniform(world_.random), error.retry_after);
    auto verdict = judge(attempt);
    lane.error = error.text();
    if (verdict.counted) ++lane.fail_count;
    using Action = Verdict::Action;
    if (verdict.action == Action::wait_destination || verdict.action == Action::pause_destination)
        pause_ = Pause{std::string(name_of(error.fault)) + ": " + error.text(), steady + verdict.delay};
    if (verdict.action == Action::bury) {
        head.result.dead = dead_letter(head, error, now, lane.fail_count);
        world_.log.warn("given up, see `tributary queue list`",
                        {{"destination", destination_}, {"fault", name_of(error.fault)}, {"error", error.text()}});
        lane.end_head(store::ItemEnd::buried, true, error.text());
        lane.fail_count = 0;
        return;
    }
    lane.stopped = verdict;
}

}  // namespace tributary::flow
