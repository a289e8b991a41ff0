#include "gateway/flow/redrive.hpp"

#include "gateway/flow/payload.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kStep = 200;

// The source records inside a letter that never got through the mapping.
Result<std::vector<Intake>> intakes_of(World& world, const store::DeadLetter& letter) {
    const auto* connection = world.connection(letter.connection);
    if (!connection) return fail(Fault::bad_config, "connection " + letter.connection + " is no longer configured");
    if (letter.stage == "read")
        return fail(Fault::bad_input,
                    "a row that could not be read at its source: mend it there, the next full sync reads it again");
    auto place = raw_place(letter.connection, letter.stream, letter.record_key);
    TRY(auto raw, world.subject_keys.open(letter.subject, place, letter.sealed, world.key_store));
    std::vector<Intake> intakes;
    if (letter.operation == "webhook") {
        const auto* hook = connection->connector->hook();
        if (!hook) return fail(Fault::bad_config, "connection " + letter.connection + " takes no webhooks any more");
        auto topic = letter.stream.substr(letter.stream.find(':') + 1);
        TRY(auto events, hook->decode(topic, raw));
        for (auto& event : events) intakes.push_back({event.stream, std::move(event.record), letter.first_failed_at});
    } else {
        intakes.push_back(
            {letter.stream, {letter.record_key, std::move(raw), letter.operation == "delete"}, letter.first_failed_at});
    }
    for (const auto& intake : intakes)
        if (!connection->streams.contains(intake.stream))
            return fail(Fault::bad_config, "stream " + intake.stream + " has no mapping");
    return intakes;
}

Result<void> redrive_source(World& world, Process& process, const store::DeadLetter& letter, bool dry_run) {
    TRY(auto intakes, intakes_of(world, letter));
    Batch batch;
    batch.connection = letter.connection;
    batch.records = std::move(intakes);
    batch.redriven = {letter.id};
    auto prepared = process.prepare(batch);
    if (prepared.quarantined > 0) return fail(prepared.dead.front().fault, prepared.dead.front().cause);
    if (dry_run) return {};
    CHECK_OK(process.commit(std::move(batch), std::move(prepared)));
    return {};
}

Result<void> redrive_delivery(World& world, Process& process, const store::DeadLetter& letter, bool dry_run) {
    auto operation = read_operation(letter.operation);
    if (!world.delivery(operation.delivery))
        return fail(Fault::bad_config, "delivery " + operation.delivery + " is no longer configured");
    if (dry_run) return {};
    CHECK_OK(process.redeliver({letter}));
    return {};
}

}  // namespace

Result<RedriveReport> redrive(World& world, Process& process, const RedriveOptions& options) {
    RedriveReport report;
    for (std::int64_t after = 0; report.matched < options.limit;) {
        std::vector<store::DeadLetter> letters;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(letters, session.dead_letters().list(options.filter, after,
                                                     std::min(kStep, options.limit - report.matched), true));
            return {};
        }));
        if (letters.empty()) break;
        after = letters.back().id;
        for (const auto& letter : letters) {
            ++report.matched;
            bool of_source = letter.destination.empty();
            auto done = of_source ? redrive_source(world, process, letter, options.dry_run)
                                  : redrive_delivery(world, process, letter, options.dry_run);
            // The disk or the store itself: nothing further would go better.
            if (!done && (done.error().fault == Fault::transient || done.error().fault == Fault::internal))
                return pass(std::move(done));
            ++(done ? report.redriven : report.kept);
            report.outcomes.push_back({letter.id, letter.stage,
                                       of_source ? letter.connection + "/" + letter.stream : letter.destination,
                                       letter.record_key, done.has_value(), done ? "" : done.error().text()});
        }
    }
    return report;
}

}  // namespace tributary::flow
