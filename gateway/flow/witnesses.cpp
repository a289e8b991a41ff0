#include "gateway/flow/witnesses.hpp"

#include <ranges>

#include "gateway/audit/tree.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {
namespace {

// Prefix of the marks that keep the newest cosigned checkpoint of each.
constexpr std::string_view kWitnessMark = "witness.";
constexpr int kConflict = 409, kProofRefused = 422;

std::unexpected<Error> another_trail(const std::string& what) {
    return fail(Fault::refused, what + ": ours was cut off or written anew, or the witness serves two of this name");
}

// How many entries it knows, of an answer that says so.
std::optional<std::uint64_t> size_told(const net::HttpResponse& answer) {
    const auto* type = answer.header("Content-Type");
    if (answer.status != kConflict || !type || !type->starts_with("text/x.tlog.size")) return std::nullopt;
    const auto size = to_integer(trim(answer.body));
    if (!size || *size < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*size);
}

}  // namespace

Result<const WitnessRoute*> WitnessRounds::route(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto& one : routes_) {
        if (one.key.name() == name) return &one;
        known.push_back(one.key.name());
    }
    return fail(Fault::not_found, "is no witness of audit.witnesses; known: " + join(known, ", "), name);
}

Result<audit::Witnessed> WitnessRounds::newest_of(const WitnessRoute& route) const {
    std::optional<std::string> note;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(note, session.marks().get(std::string(kWitnessMark) + route.key.name()));
        return {};
    }));
    if (!note) return audit::Witnessed{};
    auto known = audit::open_cosigned(*note, keeper_.key(), route.key);
    return known ? *known : audit::Witnessed{};  // of an earlier key of the witness
}

Result<std::string> WitnessRounds::notes() const {
    std::map<std::string, std::string> marks;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(marks, session.marks().with_prefix(std::string(kWitnessMark)));
        return {};
    }));
    std::string out;
    for (const auto& [_, note] : marks) out += note;
    return out;
}

// What it signed last is a checkpoint of ours as a rule.
Result<std::optional<audit::Tree>> WitnessRounds::tree_of(std::uint64_t size) const {
    std::vector<store::AuditCheckpoint> found;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(found, session.audit().checkpoints(size - 1, 1));
        return {};
    }));
    if (found.empty() || found.front().size != size) return std::nullopt;
    TRY(auto tree, audit::Tree::of(size, found.front().parts));
    return tree;
}

Result<std::string> WitnessRounds::body(std::uint64_t known, const store::AuditCheckpoint& of) {
    if (known == 0 || known >= of.size) return audit::witness_request(known, {}, of.note);
    TRY(const auto tree, tree_of(known));
    auto prover =
        tree ? audit::Prover::of_growth(*tree, of.size) : audit::Prover(audit::consistency_ranges(known, of.size));
    const auto after = tree ? static_cast<std::int64_t>(known) : 0;
    CHECK_OK(each_entry(world_.store, after, [&](const audit::Entry& entry) {
        prover.add(entry.leaf);
        return static_cast<std::uint64_t>(entry.seq) < of.size;
    }));
    return audit::witness_request(known, prover.proof(), of.note);
}

Result<std::string> WitnessRounds::request(const WitnessRoute& route, std::optional<std::uint64_t> known) {
    TRY(const auto newest, keeper_.keep(true));
    if (!newest) return fail(Fault::not_found, "the audit trail has no entry yet");
    TRY(const auto kept, newest_of(route));
    const auto from = known.value_or(kept.size);
    if (from > newest->size)
        return another_trail("the witness signed " + std::to_string(from) + " entries, the trail has " +
                             std::to_string(newest->size));
    return body(from, *newest);
}

Result<audit::Witnessed> WitnessRounds::keep(const WitnessRoute& route, const std::string& note) {
    TRY(const auto witnessed, audit::open_cosigned(note, keeper_.key(), route.key));
    TRY(const auto before, newest_of(route));
    if (witnessed.size > before.size)
        CHECK_OK(world_.store.write([&](store::Session& session) {
            return session.marks().put(std::string(kWitnessMark) + route.key.name(), note);
        }));
    CHECK_OK(keeper_.append(note));
    return witnessed;
}

Result<audit::Witnessed> WitnessRounds::take(const WitnessRoute& route, std::string_view answer) {
    std::vector<store::AuditCheckpoint> kept;
    CHECK_OK(each_checkpoint(world_.store, [&](const store::AuditCheckpoint& one) { kept.push_back(one); }));
    for (const auto& checkpoint : kept | std::views::reverse) {
        const auto note = audit::cosign(checkpoint.note, answer, route.key);
        if (note) return keep(route, *note);
        if (note.error().fault == Fault::bad_input) return fail(note.error());
    }
    return fail(Fault::refused, "no checkpoint that is kept here is signed by it", route.key.name());
}

run::Task<Result<audit::Witnessed>> WitnessRounds::ask(const WitnessRoute& route) {
    auto kept = co_await run::on(world_.pool, [&] { return keeper_.keep(true); });
    if (!kept) co_return pass(std::move(kept));
    auto known = co_await run::on(world_.pool, [&] { return newest_of(route); });
    if (!known || !*kept || known->size == (*kept)->size) co_return known;
    const auto& newest = **kept;
    auto from = known->size;
    for (bool again = false;; again = true) {
        if (from > newest.size)
            co_return another_trail("witness " + route.key.name() + " signed " + std::to_string(from) +
                                    " entries, the trail has " + std::to_string(newest.size));
        auto made = co_await run::on(world_.pool, [&] { return body(from, newest); });
        if (!made) co_return pass(std::move(made));
        net::HttpRequest request;
        request.method = "POST";
        request.url = route.url + "/add-checkpoint";
        request.body = std::move(*made);
        request.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
        auto answer = co_await http_.send(std::move(request), route.options);
        if (!answer) co_return fail(std::move(answer.error().error).in("witness " + route.key.name()));
        if (answer->ok()) {
            auto note = audit::cosign(newest.note, answer->body, route.key);
            if (!note)
                co_return fail(Fault::transient, "its answer is not signed: " + note.error().what,
                               "witness " + route.key.name());
            co_return co_await run::on(world_.pool, [&] { return keep(route, *note); });
        }
        if (const auto told = size_told(*answer); told && !again && *told != from) {
            from = *told;
            continue;
        }
        if (answer->status == kConflict || answer->status == kProofRefused)
            co_return another_trail("witness " + route.key.name() + " knows a trail that this one does not go on from");
        co_return fail(Fault::transient, "answered with status " + std::to_string(answer->status),
                       "witness " + route.key.name());
    }
}

}  // namespace tributary::flow
