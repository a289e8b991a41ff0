#include "gateway/app/peers.hpp"

#include <algorithm>
#include <utility>

#include "gateway/app/version.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

using State = store::ConfigurationChange::State;

constexpr Milliseconds kSay = std::chrono::seconds(5);
// Rows of those that are gone are kept so long, for whoever looks for them.
constexpr Milliseconds kForgotten = std::chrono::days(1);

void keep_alive(std::vector<store::Node>& nodes, Timestamp now) {
    std::erase_if(nodes, [now](const store::Node& node) { return node.until <= now; });
}

}  // namespace

ChangeVerdict judge(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes, Timestamp now) {
    std::vector<std::string> refusals, silent;
    for (const auto& node : nodes) {
        if (node.until <= now) continue;
        if (node.answered != change.number)
            silent.push_back(node.name);
        else if (!node.refusal.empty())
            refusals.push_back(node.name + ": " + node.refusal);
    }
    if (!refusals.empty()) return {State::given_up, join(refusals, "; ")};
    if (silent.empty()) return {State::taken_up, ""};
    if (change.until <= now) return {State::given_up, "no answer in time from " + join(silent, ", ")};
    return {};
}

Peers::Peers(store::Store& store, const Clock& clock, std::string name) : store_(store), clock_(clock) {
    self_.id = store.health().node;
    self_.name = std::move(name);
    self_.version = kVersion;
    self_.started_at = clock.now();
}

Result<void> Peers::say(Timestamp now) {
    store::Node told;
    {
        const std::lock_guard lock(mutex_);
        if (!news_ && clock_.steady() - said_ < kSay) return {};
        told = self_;
        news_ = false;
        said_ = clock_.steady();
    }
    told.until = now + kAlive;
    auto said = store_.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.nodes().put(told));
        return session.nodes().sweep(now - kForgotten);
    });
    const std::lock_guard lock(mutex_);
    news_ = news_ || !said;
    return said;
}

store::Node Peers::self() const {
    const std::lock_guard lock(mutex_);
    return self_;
}

void Peers::set_generation(std::string digest) {
    const std::lock_guard lock(mutex_);
    self_.generation = std::move(digest);
    news_ = true;
}

void Peers::set_answer(std::uint64_t change, std::string refusal) {
    const std::lock_guard lock(mutex_);
    self_.answered = change;
    self_.refusal = std::move(refusal);
    news_ = true;
}

Result<Peers::View> Peers::look() {
    const auto now = clock_.now();
    CHECK_OK(say(now));
    View view;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(view.alive, session.nodes().list());
        TRY(view.change, session.nodes().change());
        return {};
    }));
    keep_alive(view.alive, now);
    return view;
}

Result<std::uint64_t> Peers::propose(const Parts& parts) {
    const auto generation = parts_text(parts), by = self().id;
    std::optional<std::uint64_t> number;
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        const auto now = clock_.now();
        TRY(number, session.nodes().propose(generation, by, now + kChange, now));
        if (number) return {};
        TRY(const auto open, session.nodes().change());
        if (!open || open->generation != generation)
            return fail(Fault::conflict, "another gateway's change of configuration is on its way: ask again after it");
        number = open->number;
        return {};
    }));
    set_answer(*number, "");
    return *number;
}

Result<store::ConfigurationChange> Peers::decide(std::uint64_t change) {
    store::ConfigurationChange decided;
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(auto open, session.nodes().change());
        if (!open || open->number != change)
            return fail(Fault::conflict, "a later change of configuration came in between");
        decided = std::move(*open);
        if (decided.state != State::open) return {};
        TRY(const auto nodes, session.nodes().list());
        const auto verdict = judge(decided, nodes, clock_.now());
        if (verdict.state == State::open) return {};
        decided.state = verdict.state;
        decided.reason = verdict.reason;
        return session.nodes().decide(change, verdict.state, verdict.reason);
    }));
    return decided;
}

Result<void> Peers::leave() {
    return store_.write([id = self().id](store::Session& session) { return session.nodes().remove(id); });
}

}  // namespace tributary::app
