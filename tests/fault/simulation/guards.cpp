#include "tests/fault/simulation/guards.hpp"

#include "tests/fault/simulation/forwarded_session.hpp"

namespace tributary::simulation {
namespace {

using Tokens = std::map<std::int64_t, std::uint64_t>;

// Settles with the token of whoever holds the lane now.
class UnfencedOutbox final : public store::Outbox {
  public:
    UnfencedOutbox(store::Outbox& to, Tokens& tokens) : to_(to), tokens_(tokens) {}
    Result<std::vector<store::ClaimedLane>> claim(const store::LaneClaim& claim) override {
        TRY(auto lanes, to_.claim(claim));
        for (const auto& lane : lanes) tokens_[lane.lease.lane] = lane.lease.token;
        return lanes;
    }
    Result<std::vector<store::Settled>> settle(std::span<const store::LaneResult> results) override {
        std::vector<store::LaneResult> forged(results.begin(), results.end());
        for (auto& one : forged) one.lease.token = tokens_[one.lease.lane];
        return to_.settle(forged);
    }
    Result<std::vector<std::int64_t>> enqueue(std::span<const store::NewItem> items) override {
        return to_.enqueue(items);
    }
    Result<std::vector<bool>> heartbeat(std::span<const store::LaneLease> leases, Timestamp now,
                                        Milliseconds lease) override {
        return to_.heartbeat(leases, now, lease);
    }
    Result<void> release(std::span<const store::LaneLease> leases) override { return to_.release(leases); }
    Result<std::vector<store::ReapedLane>> reap(Timestamp now) override { return to_.reap(now); }
    Result<void> pause(const std::string& destination, const std::string& reason, Timestamp now,
                       std::optional<Timestamp> until) override {
        return to_.pause(destination, reason, now, until);
    }
    Result<void> resume(const std::string& destination) override { return to_.resume(destination); }
    Result<void> unblock(std::int64_t lane, Timestamp now) override { return to_.unblock(lane, now); }
    Result<std::uint64_t> drop(std::int64_t lane, std::span<const std::int64_t> seqs) override {
        return to_.drop(lane, seqs);
    }
    Result<std::vector<store::DestinationDepth>> depths() override { return to_.depths(); }
    Result<std::vector<store::DestinationState>> destinations() override { return to_.destinations(); }
    Result<std::vector<store::LaneRow>> lanes(const store::LaneFilter& filter, std::int64_t after,
                                              std::size_t limit) override {
        return to_.lanes(filter, after, limit);
    }
    Result<std::vector<store::Item>> items(std::int64_t lane, std::int64_t after, std::size_t limit) override {
        return to_.items(lane, after, limit);
    }
    Result<std::optional<Timestamp>> next_due(const std::string& destination) override {
        return to_.next_due(destination);
    }

  private:
    store::Outbox& to_;
    Tokens& tokens_;
};

class UnfencedSession final : public ForwardedSession {
  public:
    UnfencedSession(store::Session& to, Tokens& tokens) : ForwardedSession(to), outbox_(to.outbox(), tokens) {}
    store::Outbox& outbox() override { return outbox_; }

  private:
    UnfencedOutbox outbox_;
};

// Nothing was ever said since.
class DeafEvents final : public store::ConsentEventsView {
  public:
    explicit DeafEvents(store::ConsentEventsView& to) : to_(to) {}
    Result<std::vector<std::vector<store::ConsentEventRow>>> of(std::span<const Uid> subjects) override {
        return to_.of(subjects);
    }
    Result<std::int64_t> newest() override { return 1; }
    Result<std::vector<store::ConsentEventRow>> list(std::int64_t after, std::size_t limit) override {
        return to_.list(after, limit);
    }

  private:
    store::ConsentEventsView& to_;
};

class DeafReads final : public ForwardedReads {
  public:
    explicit DeafReads(store::ReadSession& to) : ForwardedReads(to), events_(to.consent_events()) {}
    store::ConsentEventsView& consent_events() override { return events_; }

  private:
    DeafEvents events_;
};

}  // namespace

const char* name_of(Broken broken) {
    switch (broken) {
        case Broken::none:
            return "none";
        case Broken::fence:
            return "fence";
        case Broken::dedup:
            return "dedup";
        case Broken::second_consent:
            return "second_consent";
        case Broken::hold:
            return "hold";
    }
    return "none";
}

GuardedStore::GuardedStore(store::Store& inner, Broken broken) : inner_(inner), broken_(broken) {}
GuardedStore::~GuardedStore() = default;

Result<void> GuardedStore::write(Write write) {
    if (broken_ != Broken::fence) return inner_.write(std::move(write));
    return inner_.write([&](store::Session& session) {
        UnfencedSession unfenced(session, newest_tokens_);
        return write(unfenced);
    });
}

Result<void> GuardedStore::read(std::function<Result<void>(store::ReadSession&)> read) {
    if (broken_ != Broken::second_consent) return inner_.read(std::move(read));
    return inner_.read([&](store::ReadSession& session) {
        DeafReads deaf(session);
        return read(deaf);
    });
}

}  // namespace tributary::simulation
