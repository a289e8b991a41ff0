#include "gateway/app/joint_reload.hpp"

#include <algorithm>
#include <utility>

#include "gateway/app/gateway.hpp"
#include "gateway/base/text.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

using State = store::ConfigurationChange::State;

constexpr Milliseconds kLook = 1s, kSoon = 100ms;
// Configurations that differ for less are on their way to be the same.
constexpr Milliseconds kDiffer = 30s;
// Answers, a decision, and workers that end what they hold.
constexpr Milliseconds kDecided = Peers::kChange + 40s;
constexpr std::size_t kLongestRefusal = 1000;

std::string name_of(const std::vector<store::Node>& nodes, const std::string& id) {
    const auto node = std::ranges::find(nodes, id, &store::Node::id);
    return node == nodes.end() ? id : node->name;
}

}  // namespace

JointReload::JointReload(Host& host, Hands hands, std::string name)
    : host_(host), hands_(std::move(hands)), peers_(*host.foundation->store, host.foundation->clock, std::move(name)) {
    peers_.set_generation(digest_of(shared_parts(hands_.current()->catalogue())));
}

run::Task<> JointReload::follow(std::stop_token stop) {
    Milliseconds pause{0};
    while (co_await host_.timers.sleep_for(pause, stop)) pause = co_await look();
    auto left = co_await run::on(host_.pool, [this] { return peers_.leave(); });
    if (!left)
        host_.log.warn("other gateways wait for this one until its time is over", {{"error", left.error().text()}});
}

run::Task<Milliseconds> JointReload::look() {
    auto view = co_await run::on(host_.pool, [this] { return peers_.look(); });
    if (!view) {
        // That the database is away is told where it is noticed.
        if (view.error().fault != Fault::transient) host_.log.error("other gateways", view.error());
        co_return kLook;
    }
    gateways_ = static_cast<unsigned>(std::max<std::size_t>(1, view->alive.size()));
    hands_.current()->catalogue().connectors.share_budgets(gateways_);
    compare(view->alive);
    const auto change = view->change.value_or(store::ConfigurationChange{.state = State::given_up});
    if (!std::exchange(begun_, true) && change.state == State::taken_up) taken_ = change.number;
    if (prepared_ && prepared_->change < change.number) drop(prepared_->change, "another change came in between");
    if (change.state == State::given_up) {
        drop(change.number, change.reason);
        co_return kLook;
    }
    if (change.state == State::taken_up) {
        if (taken_ < change.number) co_await take_up(change, view->alive);
        co_return kLook;
    }
    if (peers_.self().answered < change.number) {
        co_await answer(change, view->alive);
        co_return 0ms;
    }
    if (judge(change, view->alive, host_.foundation->clock.now()).state == State::open) co_return kSoon;
    auto decided = co_await run::on(host_.pool, [&] { return peers_.decide(change.number); });
    if (!decided) host_.log.error("a change of configuration", decided.error());
    co_return decided ? 0ms : kSoon;
}

// Of this gateway's own files. bad_config: they make another one, or none.
run::Task<Result<PreparedChange>> JointReload::prepare(const store::ConfigurationChange& change,
                                                       const std::vector<store::Node>& nodes) {
    const ReloadAsker asker{"system",
                            hands_.current()->catalogue().config.gateway.name,
                            {{"proposed_by", name_of(nodes, change.proposed_by)}}};
    auto prepared = co_await run::on(host_.pool, [&]() -> Result<PreparedChange> {
        TRY(auto next, hands_.build());
        auto parts = shared_parts(next->catalogue());
        return PreparedChange{change.number, std::move(next), std::move(parts), asker};
    });
    if (!prepared) co_return prepared;
    CO_TRY(const auto wanted, parts_of(change.generation));
    // Not on the pool: a gateway ends on the loop.
    if (const auto other = differences(wanted, prepared->parts); !other.empty())
        co_return fail(Fault::bad_config, "its files make another configuration, in " + join(other, ", "));
    co_return prepared;
}

run::Task<> JointReload::answer(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes) {
    auto prepared = co_await prepare(change, nodes);
    // It may be that change() proposed this very one meanwhile, and has answered.
    if (peers_.self().answered >= change.number) co_return;
    peers_.set_answer(change.number, prepared ? "" : prepared.error().text().substr(0, kLongestRefusal));
    if (prepared)
        prepared_ = std::move(*prepared);
    else
        host_.log.error("a change of configuration that another gateway proposed is not agreed to", prepared.error());
}

run::Task<> JointReload::take_up(const store::ConfigurationChange& change, const std::vector<store::Node>& nodes) {
    auto next = std::exchange(prepared_, std::nullopt);
    if (!next) {
        auto prepared = co_await prepare(change, nodes);
        if (!prepared) {
            host_.log.error("the configuration that the other gateways took up is not taken up here", prepared.error());
            taken_ = change.number;
            co_return;
        }
        next = std::move(*prepared);
    }
    auto result = co_await hands_.take_up(next->gateway, next->asker);
    if (result) {
        taken_ = change.number;
        peers_.set_generation(digest_of(next->parts));
    } else {
        host_.log.error("the next configuration is not taken up yet", result.error());
        prepared_ = std::move(next);  // the next look tries again
    }
    outcome_ = {change.number, std::move(result)};
}

void JointReload::drop(std::uint64_t change, const std::string& reason) {
    if (!prepared_ || prepared_->change != change) return;
    prepared_.reset();
    outcome_ = {change, fail(Fault::bad_config, "nothing has changed, since not all gateways agree: " + reason)};
}

run::Task<Result<void>> JointReload::change(std::shared_ptr<Gateway> next, ReloadAsker asker, std::stop_token stop) {
    auto proposed = co_await run::on(host_.pool, [&]() -> Result<PreparedChange> {
        auto parts = shared_parts(next->catalogue());
        TRY(const auto number, peers_.propose(parts));
        return PreparedChange{number, next, std::move(parts), asker};
    });
    if (!proposed) co_return pass(std::move(proposed));
    const auto number = proposed->change;
    if (outcome_.change < number) prepared_ = std::move(*proposed);
    const auto patience = host_.timers.clock().steady() + kDecided;
    while (outcome_.change < number) {
        if (!co_await host_.timers.sleep_for(kSoon, stop)) co_return fail(Fault::transient, "the gateway is stopping");
        if (host_.timers.clock().steady() > patience)
            co_return fail(Fault::transient, "the database does not answer: the change is decided when it does");
    }
    if (outcome_.change > number) co_return fail(Fault::conflict, "another change of configuration came in between");
    co_return outcome_.result;
}

// Told once, and again when it is over.
void JointReload::compare(const std::vector<store::Node>& alive) {
    std::vector<std::string> others;
    const auto self = peers_.self();
    for (const auto& node : alive)
        if (node.id != self.id && node.generation != self.generation) others.push_back(node.name);
    const auto now = host_.timers.clock().steady();
    if (others.empty()) {
        differ_since_.reset();
        if (differs_.exchange(false)) host_.log.info("the gateways on this store have one configuration again");
        return;
    }
    if (!differ_since_) differ_since_ = now;
    if (now - *differ_since_ < kDiffer || differs_.exchange(true)) return;
    host_.log.warn("gateways on this store have another configuration: give all the same files and reload one",
                   {{"others", join(others, ", ")}});
}

}  // namespace tributary::app
