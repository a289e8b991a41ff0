#include "connectors/data/singer/singer_sink.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "gateway/connector/singer/message.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::singer {

using namespace connector::singer;
using connector::Push;
using connector::Receipt;

namespace {

// Told apart from the states of other pushes, should a target print an old one.
value::Document receipt_state(const Push* items, std::size_t count) {
    value::Builder out;
    out.begin_object().key("tributary").text(count ? items[count - 1].idempotency_key : "check");
    out.key("records").integer(static_cast<std::int64_t>(count)).end();
    return out.take();
}

// A target prints the value of the state, some with the message around it.
bool is_receipt(const std::string& line, const std::string& state) {
    const auto parsed = value::parse_json(line);
    if (!parsed) return false;
    const auto root = parsed->root();
    const auto inner = root.find("type").text() == "STATE" ? root.find("value") : root;
    return value::to_json(inner) == state;
}

}  // namespace

connector::Idempotency SingerSink::idempotency(const std::string& action) const {
    const auto found = settings_.actions.find(action);
    return found == settings_.actions.end() || found->second.key.empty() ? connector::Idempotency::none
                                                                         : connector::Idempotency::natural_key;
}

std::size_t SingerSink::batch_limit(const std::string& action) const {
    const auto found = settings_.actions.find(action);
    return found == settings_.actions.end() ? 1 : found->second.batch;
}

run::Task<SingerSink::Sent> SingerSink::run_target(const Action* action, const Push* items, std::size_t count) {
    auto config = config_of(*settings_.target, setup_.credential);
    if (!config) co_return Failure{std::move(config).error(), false};
    auto started = ProgramRun::start(co_await boost::asio::this_coro::executor, settings_.target->program,
                                     {{"--config", *std::move(config)}}, {}, "target", setup_.timers);
    if (!started) co_return Failure{std::move(started).error(), false};
    auto& run = **started;
    const auto state = receipt_state(items, count);
    bool taken = true;
    if (action) {
        std::string bytes = schema_line(action->stream, action->properties, action->key);
        const auto now = record::timestamp_text(setup_.clock().now());
        for (std::size_t i = 0; i < count; ++i)
            bytes += record_line(action->stream, items[i].record.root(), now, items[i].deleted);
        bytes += state_line(state.root());
        taken = co_await run.write(bytes);
    }
    run.close_input();
    bool receipt = false;
    for (;;) {
        auto line = co_await run.next();
        if (!line) co_return Failure{std::move(line).error(), action != nullptr};
        if (!*line) break;
        receipt = receipt || is_receipt(**line, value::to_json(state.root()));
    }
    if (!action || (receipt && taken)) co_return std::nullopt;
    co_return Failure{
        {Fault::transient, "it ended without an error, but did not print the state that was sent behind the records",
         "target"},
        true};
}

run::Task<std::vector<SingerSink::Outcome>> SingerSink::push(std::string name, std::vector<Push> items) {
    const auto action = settings_.actions.find(name);
    if (action == settings_.actions.end())
        co_return connector::all_failed(
            items.size(), {Fault::bad_config, fmt::format("there is no action {} in settings.actions", name)});
    if (auto held = run::Hold::check(items.front().hold.get()); !held)
        co_return connector::all_failed(items.size(), held.error());
    const auto all = co_await run_target(&action->second, items.data(), items.size());
    // One record that the target chokes on must not hold back the others: with keys, each is tried by itself. A target
    // that takes none of the first few is down.
    constexpr std::size_t kGiveUp = 3;
    const bool singly = all && all->ambiguous && items.size() > 1 && !action->second.key.empty();
    std::size_t good = 0, bad = 0;
    std::vector<Outcome> out;
    for (const auto& item : items) {
        Sent sent = all;
        if (singly && (good > 0 || bad < kGiveUp)) {
            sent = co_await run_target(&action->second, &item, 1);
            ++(sent ? bad : good);
        }
        if (!sent)
            out.push_back({Receipt{.remote_id = item.remote_id}});
        else
            out.push_back({fail(sent->error), sent->ambiguous});
    }
    // What fails alone where others are taken is wrong in itself.
    if (singly && good > 0)
        for (auto& outcome : out)
            if (!outcome.result && outcome.result.error().fault == Fault::transient)
                outcome = {fail(Fault::bad_input,
                                "the target fails on this record, but takes others: " + outcome.result.error().what)};
    co_return out;
}

run::Task<Result<std::optional<Receipt>>> SingerSink::look_up(std::string, const Push&) {
    co_return fail(Fault::bad_config,
                   "a target cannot be asked what it has: give the action a `key`, so that a resend is harmless");
}

run::Task<Result<void>> SingerSink::check() {
    auto sent = co_await run_target(nullptr, nullptr, 0);
    if (sent) co_return fail(std::move(sent->error));
    co_return Result<void>{};
}

}  // namespace tributary::connectors::singer
