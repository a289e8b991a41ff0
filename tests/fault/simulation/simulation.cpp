#include "tests/fault/simulation/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "gateway/flow/routing.hpp"
#include "gateway/value/json.hpp"
#include "tests/fault/simulation/node.hpp"
#include "tests/fault/simulation/sim_destination.hpp"

namespace tributary::simulation {
namespace {

// Seeds share a store, each with a destination and subjects of its own.
std::uint64_t runs = 0;

class Run {
  public:
    Run(House& house, std::uint64_t seed, Broken broken, bool trace)
        : house_(house),
          store_(house.store(), broken),
          random_(seed),
          scenario_(Scenario::drawn(random_)),
          number_(++runs),
          clock_(Timestamp{std::chrono::hours{24 * 365 * 56}} + number_ * std::chrono::hours{1}),
          start_(clock_.now()),
          trace_(trace),
          destination_(
              scenario_, random_, [this](Milliseconds in, std::function<void()> what) { at(in, std::move(what)); },
              [this](std::string text) { note(text); },
              [this](unsigned node, Milliseconds lasts) { upset({Upset::Kind::pause, {}, node, lasts}); }) {
        for (unsigned i = 0; i < scenario_.nodes; ++i)
            nodes_.push_back(std::make_unique<Node>(
                house_, store_, clock_,
                NodeSetting{&scenario_, &destination_, destination_name(), broken, i, random_()}));
        plan();
    }

    Outcome play() {
        while (clock_.now() - start_ < kGiveUp && failures_.empty()) {
            run_nodes();
            if (clock_.now() - start_ >= kActive && upset_ == 0 && is_done()) break;
            step();
        }
        for (auto& node : nodes_) node->kill();
        judge();
        outcome_.breaches = failures_;
        outcome_.breaches.insert(outcome_.breaches.end(), destination_.breaches().begin(),
                                 destination_.breaches().end());
        outcome_.changes = scenario_.changes.size();
        outcome_.sent = destination_.sent();
        outcome_.sent_again = destination_.sent_again();
        outcome_.effects = destination_.effects().size();
        return outcome_;
    }

  private:
    std::string destination_name() const { return fmt::format("system-{}", number_); }
    std::string lane_key(std::uint32_t lane) const { return fmt::format("lane-{}", lane); }
    Uid subject(std::uint32_t lane) const {
        Uid uid;
        for (unsigned i = 0; i < 8; ++i) uid.bytes[i] = static_cast<std::uint8_t>(number_ >> (8 * i));
        uid.bytes[15] = static_cast<std::uint8_t>(lane + 1);
        return uid;
    }
    void note(const std::string& text) {
        if (trace_)
            std::printf("%8lld ms  %s\n", static_cast<long long>((clock_.now() - start_).count()), text.c_str());
    }
    void at(Milliseconds in, std::function<void()> what) { events_.emplace(clock_.now() + in, std::move(what)); }
    template <class F>
    void write(F use) {
        auto done = house_.store().write(std::move(use));
        if (!done) failures_.push_back("the store: " + done.error().text());
    }

    void plan();
    void put_change(std::uint32_t number);
    void say(const Word& word);
    void upset(const Upset& upset);
    void reap();
    void run_nodes();
    void step();
    bool is_done();
    void judge();
    void judge_lane(std::uint32_t lane, const std::map<std::uint32_t, bool>& dead);

    House& house_;
    GuardedStore store_;
    std::mt19937_64 random_;
    Scenario scenario_;
    std::uint64_t number_;
    FakeClock clock_;
    Timestamp start_;
    bool trace_;
    SimDestination destination_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::multimap<Timestamp, std::function<void()>> events_;
    std::map<std::uint32_t, bool> ever_withdrawn_;
    std::vector<std::string> failures_;
    unsigned upset_ = 0;  // nodes that are down or asleep
    std::uint32_t words_ = 0, put_ = 0;
    Outcome outcome_;
};

void Run::plan() {
    for (const auto& word : scenario_.words) at(word.at, [this, word] { say(word); });
    for (std::uint32_t number = 0; number < scenario_.changes.size(); ++number)
        at(scenario_.changes[number].at, [this, number] { put_change(number); });
    for (const auto& one : scenario_.upsets) at(one.at, [this, one] { upset(one); });
    at(kActive, [this] {
        note("from now on nothing goes wrong");
        destination_.calm();
    });
    at(kReap, [this] { reap(); });
}

void Run::put_change(std::uint32_t number) {
    const auto lane = scenario_.changes[number].lane;
    note(fmt::format("change {} of lane {} is accepted{}", number, lane,
                     scenario_.changes[number].poison ? ", which the destination refuses" : ""));
    store::NewItem item{.destination = destination_name(),
                        .lane_key = lane_key(lane),
                        .entity = "contact",
                        .record = subject(lane),
                        .operation = "d:upsert",
                        .clear = fmt::format(R"({{"n":"{}"}})", number),
                        .subject = subject(lane),
                        .origin = "shop",
                        .mapping_version = "v1",
                        .created_at = clock_.now(),
                        .supersede = scenario_.supersede};
    std::ranges::copy(subject(lane).bytes, item.op_key.begin());
    item.op_key[31] = static_cast<std::uint8_t>(number);
    write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.outbox().enqueue(std::vector{item}));
        return {};
    });
    ++put_;
}

void Run::say(const Word& word) {
    note(fmt::format("lane {} {}", word.lane, word.given ? "consents" : "withdraws"));
    consent::ConsentEvent event;
    event.id = subject(word.lane);
    event.id.bytes[14] = static_cast<std::uint8_t>(++words_);
    event.subject = subject(word.lane);
    event.purpose = "personalise";
    event.type = consent::EventType::explicit_act;
    event.state = word.given ? consent::State::given : consent::State::withdrawn;
    event.origin = consent::Origin::subject;
    event.event_time = event.received_at = clock_.now();
    event.proof.kind = "form";
    const store::ConsentEventRow row{0,
                                     event.id,
                                     event.subject,
                                     event.purpose,
                                     clock_.now(),
                                     clock_.now(),
                                     value::to_json(consent::to_document(event).root()),
                                     std::string()};
    write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.consent_events().put(std::span(&row, 1)));
        return {};
    });
    destination_.word(word.lane, word.given);
    if (word.given) return;
    ever_withdrawn_[word.lane] = true;
    ++outcome_.withdrawals;
}

void Run::upset(const Upset& one) {
    auto& node = *nodes_[one.node];
    if (!node.well()) return;
    ++upset_;
    if (one.kind == Upset::Kind::crash) {
        note(fmt::format("node {} crashes", one.node));
        ++outcome_.crashes;
        node.kill();
    } else {
        note(fmt::format("node {} stops for {} ms", one.node, one.lasts.count()));
        ++outcome_.pauses;
        node.pause();
    }
    at(one.lasts, [this, one] {
        note(fmt::format("node {} is back", one.node));
        nodes_[one.node]->revive();
        --upset_;
    });
}

void Run::reap() {
    write([&](store::Session& session) -> Result<void> {
        TRY(const auto reaped, session.outbox().reap(clock_.now()));
        for (const auto& lane : reaped) {
            note(fmt::format("the lease of {} ran out{}", lane.lane_key, lane.poisoned ? ": poison" : ""));
            if (lane.poisoned) CHECK_OK(session.outbox().unblock(lane.lane, clock_.now()));  // by an operator
        }
        return {};
    });
    at(kReap, [this] { reap(); });
}

// Handler by handler, each with the work that it gave to the pool, in an order of the seed's.
void Run::run_nodes() {
    for (bool ran = true; ran;) {
        ran = false;
        std::vector<Node*> order;
        for (auto& node : nodes_) order.push_back(node.get());
        std::ranges::shuffle(order, random_);
        for (auto* node : order)
            if (node->run_one()) {
                ran = true;
                house_.finish_pool_work();
            }
    }
}

void Run::step() {
    auto next = events_.begin()->first;
    for (const auto& node : nodes_)
        if (auto wakes = node->wakes()) {
            const auto in = std::chrono::ceil<Milliseconds>(*wakes - clock_.steady());
            next = std::min(next, clock_.now() + std::max(in, 0ms));
        }
    if (next > clock_.now()) clock_.advance(next - clock_.now());
    for (auto& node : nodes_) node->wake();
    while (!events_.empty() && events_.begin()->first <= clock_.now()) {
        auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
    }
}

bool Run::is_done() {
    if (put_ < scenario_.changes.size()) return false;
    bool empty = false;
    auto read = house_.store().read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto lanes, session.outbox().lanes({.destination = destination_name()}, 0, 100));
        empty = lanes.empty();
        return {};
    });
    return read && empty;
}

void Run::judge() {
    std::map<std::uint32_t, bool> dead;
    auto read = house_.store().read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto lanes, session.outbox().lanes({.destination = destination_name()}, 0, 100));
        for (const auto& lane : lanes)
            failures_.push_back(fmt::format("{} still holds {} items: {}", lane.lane_key, lane.depth, lane.error));
        store::DeadLetterFilter filter;
        filter.destination = destination_name();
        TRY(const auto letters, session.dead_letters().list(filter, 0, 1000, true));
        for (const auto& letter : letters) dead[letter.op_key[31]] = true;
        return {};
    });
    if (!read) failures_.push_back("the store: " + read.error().text());
    outcome_.dead = dead.size();
    for (std::uint32_t lane = 0; lane < scenario_.lanes; ++lane) judge_lane(lane, dead);
}

void Run::judge_lane(std::uint32_t lane, const std::map<std::uint32_t, bool>& dead) {
    std::vector<std::uint32_t> effects;
    for (const auto& effect : destination_.effects())
        if (destination_.lane_of(effect.number) == lane) effects.push_back(effect.number);
    std::map<std::uint32_t, unsigned> times;
    for (const auto number : effects)
        if (++times[number] > 1) failures_.push_back(fmt::format("change {} took effect twice", number));
    // An item that was given up while its request was still under way may come late: it was told to the operator.
    std::uint32_t newest = 0;
    for (const auto number : effects) {
        if (number < newest && !dead.contains(number))
            failures_.push_back(fmt::format("change {} took effect after {}", number, newest));
        newest = std::max(newest, number);
    }
    if (ever_withdrawn_[lane]) return;  // what was withheld is not lost
    std::uint32_t last = 0;
    for (std::uint32_t number = 0; number < scenario_.changes.size(); ++number)
        if (scenario_.changes[number].lane == lane) last = number;
    for (std::uint32_t number = 0; number < scenario_.changes.size(); ++number) {
        const auto& change = scenario_.changes[number];
        if (change.lane != lane || dead.contains(number) || times.contains(number)) continue;
        if (scenario_.supersede && number != last) continue;
        failures_.push_back(fmt::format("change {} is lost", number));
    }
}

}  // namespace

Outcome simulate(House& house, std::uint64_t seed, Broken broken, bool trace) {
    return Run(house, seed, broken, trace).play();
}

}  // namespace tributary::simulation
