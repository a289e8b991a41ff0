#include "tests/fault/disk/trace.hpp"

#include <condition_variable>
#include <latch>
#include <mutex>

namespace tributary::disk {
namespace {

using namespace std::chrono_literals;

// Waits for the answers of one round, and remembers where the journal stood at the first.
class Answers {
  public:
    explicit Answers(std::size_t expected) : left_(expected) {}
    void take(Result<void> outcome, const std::function<std::size_t()>& position) {
        const std::lock_guard lock(mutex_);
        if (!first_) first_ = position();
        if (outcome)
            ++good_;
        else if (!error_)
            error_ = outcome.error();
        if (--left_ == 0) told_.notify_one();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        told_.wait(lock, [this] { return left_ == 0; });
    }
    std::size_t first() const { return *first_; }
    std::size_t good() const { return good_; }
    const std::optional<Error>& error() const { return error_; }

  private:
    std::mutex mutex_;
    std::condition_variable told_;
    std::size_t left_, good_ = 0;
    std::optional<std::size_t> first_;
    std::optional<Error> error_;
};

}  // namespace

struct Trace::Plan {
    StateModel after;
    std::vector<store::InboxEntry> accepts;
    std::vector<store::Store::Write> writes;
    std::vector<store::ClaimedEntry> entries;
    std::vector<store::ClaimedLane> lanes;
    std::uint32_t next = 0;
};

Trace::Trace(std::uint64_t seed, std::function<std::size_t()> position)
    : random_(seed), position_(std::move(position)) {
    committed_.push_back({0, 0, model_.text(), 0});
}

void Trace::reopened() {
    entries_.clear();
    lanes_.clear();
    now_ += 7200;  // beyond the delay of every lane that was taken back
}

void Trace::accept_some(Plan& plan) {
    const auto count = 1 + dice(24);
    for (unsigned i = 0; i < count; ++i) {
        const bool again = next_ > 1 && dice(7) == 0;  // the sender did not hear the answer
        const auto number = again ? 1 + dice(next_ - 1) : plan.next++;
        plan.accepts.push_back(entry_of(number));
        if (!again) plan.after.waiting.insert(number);
    }
}

void Trace::process(Plan& plan) {
    if (entries_.empty()) return;
    std::vector<store::NewItem> items;
    std::vector<std::int64_t> done;
    for (const auto& one : entries_) {
        const auto number = static_cast<std::uint32_t>(std::stoul(one.entry.body));
        for (const auto* destination : kDestinations) items.push_back(item_of(number, destination));
        plan.after.enqueue(number);
        plan.after.waiting.erase(number);
        done.push_back(one.id);
    }
    plan.writes.emplace_back(
        [items = std::move(items), done = std::move(done)](store::Session& session) -> Result<void> {
            CHECK_OK(session.outbox().enqueue(items));
            return session.inbox().finish(done);
        });
}

// What became of a lane: all delivered, a part, a failure that waits, or a record that is given up.
store::LaneResult Trace::outcome(const store::ClaimedLane& lane, StateModel& after) {
    store::LaneResult result{.lease = lane.lease, .at = second(now_)};
    auto& items = after.lanes.at({lane.destination, lane.lane_key}).items;
    const auto kind = dice(10);
    const auto ended = kind < 7 ? lane.items.size() : kind == 7 ? lane.items.size() / 2 : kind == 8 ? 1 : 0;
    for (std::size_t i = 0; i < ended; ++i) {
        const auto end = kind == 8 ? store::ItemEnd::buried : store::ItemEnd::delivered;
        result.items.push_back({.seq = lane.items[i].seq, .end = end, .detail = "200"});
        items.erase(lane.items[i].seq);
        ++(kind == 8 ? after.buried : after.delivered)[lane.destination];
    }
    if (kind == 9) {
        result.items.push_back({.seq = lane.items[0].seq, .end = store::ItemEnd::kept, .detail = "503"});
        result.retry_at = second(now_ + 2);
        result.fail_count = lane.fail_count + 1;
    }
    return result;
}

void Trace::settle(Plan& plan) {
    if (lanes_.empty()) return;
    std::vector<store::LaneResult> results;
    for (const auto& lane : lanes_) results.push_back(outcome(lane, plan.after));
    plan.writes.emplace_back([results = std::move(results)](store::Session& session) -> Result<void> {
        TRY(const auto settled, session.outbox().settle(results));
        for (const auto one : settled)
            if (one != store::Settled::settled) return fail(Fault::internal, "a lease was lost that nobody took");
        return {};
    });
}

void Trace::read_page(Plan& plan) {
    if (dice(3) != 0) return;
    const auto cursor = ++plan.after.cursor;
    const auto number = 1'000'000 + static_cast<std::uint32_t>(cursor);
    plan.after.enqueue(number);
    plan.writes.emplace_back([=, at = second(now_)](store::Session& session) -> Result<void> {
        for (const auto* destination : kDestinations)
            CHECK_OK(session.outbox().enqueue(std::vector{item_of(number, destination)}));
        return session.checkpoints().put({"erp", "customers", std::to_string(cursor), "{}", at});
    });
}

void Trace::claim(Plan& plan) {
    const auto limit = 1 + dice(20), lanes = 1 + dice(8);
    plan.writes.emplace_back([&plan, limit, at = second(now_)](store::Session& session) -> Result<void> {
        TRY(plan.entries, session.inbox().claim(limit, at, 24h));
        return {};
    });
    for (const auto* destination : kDestinations)
        plan.writes.emplace_back(
            [&plan, lanes, destination, at = second(now_)](store::Session& session) -> Result<void> {
                TRY(auto claimed, session.outbox().claim({destination, lanes, 10, at, 24h, "trace"}));
                for (auto& lane : claimed) plan.lanes.push_back(std::move(lane));
                return {};
            });
}

Result<void> Trace::round(store::Store& store) {
    ++now_;
    Plan plan{.after = model_, .next = next_};
    accept_some(plan);
    process(plan);
    settle(plan);
    read_page(plan);
    claim(plan);
    Committed committed{.began = position_()};
    const auto count = plan.accepts.size() + plan.writes.size();
    Answers answers(count);
    // Holds the store's thread until everything has queued: then one commit takes all of it.
    std::latch held(1), queued(1);
    Answers opened(1);
    store.write_async(
        [&](store::Session&) -> Result<void> {
            held.count_down();
            queued.wait();
            return {};
        },
        [&](Result<void> outcome) {
            if (!held.try_wait()) held.count_down();  // refused: nobody is held
            opened.take(std::move(outcome), position_);
        });
    held.wait();
    for (auto& entry : plan.accepts)
        store.accept(std::move(entry), [&](Result<store::Accepted> outcome) {
            answers.take(outcome ? Result<void>{} : fail(outcome.error()), position_);
        });
    for (auto& write : plan.writes)
        store.write_async(std::move(write), [&](Result<void> outcome) { answers.take(std::move(outcome), position_); });
    queued.count_down();
    opened.wait();
    answers.wait();
    if (answers.good() != 0 && answers.good() != count) ++torn_commits_;
    undecided_.reset();
    if (answers.error()) {
        undecided_ = plan.after.text();
        return fail(*answers.error());
    }
    operations_ += count;
    next_ = plan.next;
    model_ = std::move(plan.after);
    entries_ = std::move(plan.entries);
    lanes_ = std::move(plan.lanes);
    committed.acknowledged = answers.first();
    committed.text = model_.text();
    committed.newest = next_ - 1;
    committed_.push_back(std::move(committed));
    return {};
}

}  // namespace tributary::disk
