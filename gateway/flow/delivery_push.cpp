// One push: the last looks before it, and what its outcome means for each item.
#include "gateway/flow/delivery_round.hpp"
#include "gateway/flow/outbound.hpp"
#include "gateway/flow/uniform.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

// How old the answers of store and lease may be when something leaves.
constexpr Milliseconds kFresh = 10s;
// Younger ones are not asked for again.
constexpr Milliseconds kJustLooked = 100ms;
// A store that is slower than that gives its answers late each time.
constexpr int kLooks = 3;
constexpr Milliseconds kSoonestProbe = 100ms, kProbeUnderWay = 1s;

}  // namespace

run::Task<void> DeliveryRound::push(Heads heads) {
    const auto& delivery = *heads.front()->head().delivery;
    // An attempt whose end nobody saw: ask before sending again what must not arrive twice.
    if (way_.sink->idempotency(delivery.action) == connector::Idempotency::none) {
        heads = co_await unsent(std::move(heads));
        if (heads.empty()) co_return;
    }
    if (!way_.breaker.admit(steady())) co_return wait_for_breaker(heads);
    const auto looked = co_await look(heads);
    // Slow ones before it may have used up the lease: then the lanes are another's, or will be while it is under way.
    if (heads.empty() || !may_send()) {
        way_.breaker.no_verdict(steady());
        co_return;
    }
    const auto sent = steady();
    Leaving leaving{heads, heads.size(), looked,
                    std::make_shared<run::Hold>(way_.world.timers.clock(), looked + kFresh, hold_)};
    std::vector<connector::Push> items;
    for (auto* lane : heads) {
        auto& item = items.emplace_back(lane->head().push);
        item.hold = leaving.hold;
        item.look_again = [this, &leaving] { return look_again(leaving); };
    }
    auto outcomes = co_await way_.sink->push(delivery.action, std::move(items));
    const auto took = std::chrono::duration_cast<Milliseconds>(steady() - sent);
    if (leaving.is_outdated()) {  // nothing was sent
        way_.breaker.no_verdict(steady());
        if (!leaving.heads.empty()) co_await push(std::move(leaving.heads));
        co_return;
    }
    judge_destination(outcomes);
    // A whole batch refused may hold one poison record: halves find it in log2 n pushes.
    const bool all_refused = heads.size() > 1 && std::ranges::all_of(outcomes, [](const auto& one) {
                                 return !one.result && one.result.error().fault == Fault::bad_input;
                             });
    if (all_refused) co_return co_await push_halves(std::move(heads));
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (i < outcomes.size())
            take(*heads[i], std::move(outcomes[i]), took);
        else
            failed(*heads[i],
                   {Fault::internal, "the connector gave no outcome for this item", "destination " + way_.destination},
                   true);
    }
}

run::Task<void> DeliveryRound::push_halves(Heads heads) {
    const auto middle = heads.begin() + static_cast<std::ptrdiff_t>(heads.size() / 2);
    Heads first(heads.begin(), middle), second(middle, heads.end());
    co_await push(std::move(first));
    co_await push(std::move(second));
}

run::Task<DeliveryRound::Heads> DeliveryRound::unsent(Heads heads) {
    Heads left;
    for (auto* lane : heads) {
        const bool first = lane->claimed.fail_count == 0 && lane->claimed.crash_count == 0;
        if ((first || !co_await arrived_before(*lane)) && !lane->stopped) left.push_back(lane);
    }
    co_return left;
}

void DeliveryRound::wait_for_breaker(const Heads& heads) {
    const auto until = way_.breaker.open_until();
    const auto delay =
        until ? std::max(std::chrono::duration_cast<Milliseconds>(*until - steady()), kSoonestProbe) : kProbeUnderWay;
    for (auto* lane : heads) {
        lane->stopped = Verdict{Verdict::Action::retry, delay, false, false};
        lane->error = "circuit breaker is open";
    }
}

// The process may stand still before the answer is here: then it says what was, and is asked for again.
run::Task<SteadyTime> DeliveryRound::look(Heads& heads) {
    SteadyTime asked{};
    for (int looks = 0; looks < kLooks && !heads.empty(); ++looks) {
        asked = steady();
        co_await run::on(way_.world.pool, [&] { stay_allowed(heads); });
        if (steady() - asked < kJustLooked) break;
    }
    co_return asked;
}

run::Task<bool> DeliveryRound::look_again(Leaving& leaving) {
    if (steady() - leaving.looked_at < kJustLooked) co_return leaving.hold->stands();
    leaving.looked_at = co_await look(leaving.heads);
    if (leaving.is_outdated()) co_return false;
    leaving.hold->extend(leaving.looked_at + kFresh);
    co_return leaving.hold->stands();
}

void DeliveryRound::judge_destination(const std::vector<connector::Sink::Outcome>& outcomes) {
    unsigned good = 0, bad = 0;
    for (const auto& outcome : outcomes) {
        if (outcome.result)
            ++good;
        else if (outcome.result.error().fault == Fault::transient && !run::Hold::is_too_late(outcome.result.error()))
            ++bad;
    }
    if (bad > 0)
        way_.breaker.failed(steady());
    else if (good > 0)
        way_.breaker.succeeded(steady());
    else
        way_.breaker.no_verdict(steady());
}

run::Task<bool> DeliveryRound::arrived_before(DeliveryLane& lane) {
    auto& head = lane.head();
    auto found = co_await way_.sink->look_up(head.delivery->action, head.push);
    if (!found) {
        failed(lane, found.error(), true);
        co_return true;
    }
    if (!*found) co_return false;
    delivered(lane, **found);
    co_return true;
}

void DeliveryRound::take(DeliveryLane& lane, connector::Sink::Outcome outcome, Milliseconds took) {
    lane.head().result.took = took;
    lane.sent_anew = lane.sent_anew || outcome.result;
    if (outcome.result)
        delivered(lane, *outcome.result);
    else if (!outcome.ambiguous && run::Hold::is_too_late(outcome.result.error()))
        lane.stopped = Verdict{Verdict::Action::retry, 0ms, false, false};  // it goes with fresh looks
    else
        failed(lane, outcome.result.error(), outcome.ambiguous);
}

void DeliveryRound::delivered(DeliveryLane& lane, const connector::Receipt& receipt) {
    auto& head = lane.head();
    auto remote_id = receipt.remote_id ? receipt.remote_id : head.push.remote_id;
    if (remote_id) head.remote = store::RemoteId{way_.destination, head.item->entity, head.item->record, *remote_id};
    head.disclosure = disclosure_of(way_.world, head, remote_id.value_or(""));
    lane.fail_count = 0;
    lane.error.clear();
    lane.end_head(store::ItemEnd::delivered, true, receipt.already_applied ? "was there already" : "delivered");
    if (lane.active() && regresses_when_sent_again(lane))
        lane.stopped = Verdict{Verdict::Action::retry, 0ms, false, false};  // goes on once this much is settled
}

// A crash before the settlement sends the round's items once more. At a destination that knows states and no keys, the
// older of two forms of a record must not come after the newer one: no round delivers both.
bool DeliveryRound::regresses_when_sent_again(const DeliveryLane& lane) const {
    const auto& next = lane.waiting.front();
    if (!next.delivery || way_.sink->idempotency(next.delivery->action) != connector::Idempotency::natural_key)
        return false;
    return std::ranges::any_of(lane.ended, [&](const DeliveryItem& ended) {
        return ended.item && ended.result.end == store::ItemEnd::delivered && ended.item->record == next.item->record;
    });
}

// Of several hints the longest counts.
void DeliveryRound::pause(std::string reason, SteadyTime until) {
    if (!pause_ || until > pause_->until) pause_ = Pause{std::move(reason), until};
}

void DeliveryRound::failed(DeliveryLane& lane, const Error& error, bool ambiguous) {
    auto& head = lane.head();
    const Timestamp now = way_.world.clock.now();
    const auto failed_at = steady();
    const auto failing = std::chrono::duration_cast<Milliseconds>(failed_at - lane.failing_since.value_or(failed_at));
    Attempt attempt;
    attempt.fault = error.fault;
    attempt.ambiguous = ambiguous;
    attempt.retry_after = error.retry_after;
    attempt.fail_count = static_cast<int>(lane.fail_count);
    run::Backoff backoff;
    if (head.delivery) {
        attempt.on_permanent_failure = head.delivery->on_permanent_failure;
        backoff = head.delivery->backoff;
        if (way_.sink)
            attempt.resend_is_harmless = way_.sink->idempotency(head.delivery->action) != connector::Idempotency::none;
    }
    attempt.scheduled = run::next_delay(backoff, lane.fail_count + 1, now - failing, now, uniform(way_.world.random),
                                        error.retry_after);
    auto verdict = judge(attempt);
    lane.error = error.text();
    if (verdict.counted) ++lane.fail_count;
    using Action = Verdict::Action;
    if (verdict.action == Action::wait_destination || verdict.action == Action::pause_destination)
        pause(std::string(name_of(error.fault)) + ": " + error.text(), failed_at + verdict.delay);
    if (verdict.action == Action::bury) {
        head.result.dead = dead_letter(head, error, now, lane.fail_count);
        way_.world.log.warn(
            "given up, see `tributary queue list`",
            {{"destination", way_.destination}, {"fault", name_of(error.fault)}, {"error", error.text()}});
        lane.end_head(store::ItemEnd::buried, true, error.text());
        lane.fail_count = 0;
        return;
    }
    lane.stopped = verdict;
}

}  // namespace tributary::flow
