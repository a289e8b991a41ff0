#include "gateway/flow/erasure.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/corrections.hpp"
#include "gateway/flow/erasure_certificate.hpp"
#include "gateway/flow/erasure_remainder.hpp"
#include "gateway/flow/erasure_sample.hpp"
#include "gateway/flow/request_keeper.hpp"

namespace tributary::flow {
namespace {

using namespace std::chrono_literals;
using consent::RequestAct;

constexpr Milliseconds kErasurePoll = 50ms;
constexpr std::size_t kAllTasks = 10'000;

class ErasureRun {
  public:
    ErasureRun(World& world, const ErasureTools& tools, KeptRequest kept, ErasureProgress progress, std::string by)
        : world_(world), tools_(tools), kept_(std::move(kept)), progress_(std::move(progress)), by_(std::move(by)) {}

    Result<void> run() {
        CHECK_OK(begin());
        if (progress_.stage == ErasureStage::none && !progress_.people.customers.empty()) CHECK_OK(bar());
        progress_.waits_for.clear();
        if (progress_.stage == ErasureStage::barred) CHECK_OK(remove());
        if (progress_.stage == ErasureStage::removed) CHECK_OK(verify());
        return certify();
    }
    const KeptRequest& kept() const { return kept_; }

  private:
    // Stores request and progress with the acts, and whatever else `more` writes.
    Result<void> keep(std::vector<std::string> entries, const std::function<Result<void>(store::Session&)>& more = {}) {
        return world_.store.write([&](store::Session& session) -> Result<void> {
            if (more) CHECK_OK(more(session));
            TRY(const auto first, session.audit().append(entries));
            if (progress_.audit_from == 0) progress_.audit_from = first;
            progress_.audit_to = first + static_cast<std::int64_t>(entries.size()) - 1;
            kept_.progress = progress_.json();
            auto kept = kept_;
            CHECK_OK(keep_request(session, kept));
            next_version_ = kept.version;
            return {};
        });
    }
    // The version counts only once it is durable.
    Result<void> kept_is_durable(Result<void> kept) {
        if (kept) kept_.version = next_version_;
        return kept;
    }
    Result<void> store(std::string_view act, const std::function<Result<void>(store::Session&)>& more = {}) {
        return kept_is_durable(keep({request_entry(world_, kept_, act, by_)}, more));
    }

    Result<void> begin() {
        CHECK_OK(consent::apply(kept_.request, {.type = RequestAct::Type::run, .by = by_, .at = world_.clock.now()}));
        if (progress_.stage == ErasureStage::none) {
            if (!progress_.people.customers.empty()) return {};  // a turn that was begun and cut off
            if (progress_.held.empty()) progress_.held = kept_.request.customers;
            return next_turn();
        }
        if (progress_.stage == ErasureStage::verified && !progress_.held.empty()) CHECK_OK(next_turn());
        return store("erase.again");
    }

    // Whose hold has ended meanwhile, or who never was under one. Nobody: everything stays as it is.
    Result<void> next_turn() {
        std::vector<Uid> free, held;
        for (const auto& customer : progress_.held) {
            const auto basis = hold_of(world_, customer);
            if (!basis && basis.error().fault == Fault::not_found && progress_.begun()) continue;  // erased meanwhile
            if (!basis) return fail(basis.error());
            (*basis ? held : free).push_back(customer);
        }
        progress_.held = std::move(held);
        if (free.empty()) {
            // Another request erased all that were left of this one.
            if (progress_.held.empty()) progress_.stage = ErasureStage::verified;
            return {};
        }
        auto& subjects = progress_.people.subjects;
        progress_.earlier.insert(progress_.earlier.end(), subjects.begin(), subjects.end());
        TRY(progress_.people, people_of(world_, free));
        progress_.stage = ErasureStage::none;
        return {};
    }

    // From here on nothing of them comes in, and nothing goes out.
    Result<void> bar() {
        std::vector<store::Erasure> rows;
        CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
            CHECK_OK(add_own_subjects(session));
            TRY(const auto keys, session.identity().keys_of(progress_.people.records));
            TRY(const auto wrapped, session.keys().find(progress_.people.subjects));
            for (const auto& one : wrapped)
                if (one && std::ranges::find(progress_.key_rings, one->kek.text()) == progress_.key_rings.end())
                    progress_.key_rings.push_back(one->kek.text());
            std::set<store::Digest> all;
            for (const auto& of_record : keys) all.insert(of_record.begin(), of_record.end());
            TRY(progress_.samples, take_samples(session, progress_.people));
            const auto now = world_.clock.now();
            for (const auto& subject : progress_.people.subjects)
                rows.push_back({0, kept_.request.uid, subject, {}, false, now});
            if (!rows.empty()) rows.front().keys.assign(all.begin(), all.end());
            return {};
        }));
        progress_.stage = ErasureStage::barred;
        progress_.barred_at = world_.clock.now();
        CHECK_OK(store("erase.bar", [&](store::Session& session) -> Result<void> {
            CHECK_OK(session.erasures().add(rows));
            return {};
        }));
        world_.subject_keys.forget(progress_.people.subjects);
        return {};
    }

    // An order is sealed with its contact's key; broken, before anybody knew whose it is, with one of its own. Dead
    // letters may hold the latter.
    Result<void> add_own_subjects(store::ReadSession& session) {
        auto& people = progress_.people;
        std::set<Uid> subjects(people.subjects.begin(), people.subjects.end());
        std::set<std::string> sources;
        TRY(const auto rows, session.records().load(people.records));
        for (const auto& row : rows) {
            if (!row) continue;
            if (row->key.connection != kCorrections) sources.insert(row->key.connection);
            subjects.insert(world_.blind.subject_of(row->key.connection, row->entity, row->key.external_id));
        }
        TRY(const auto letters, session.person_rows().dead_letters(people));
        for (const auto id : letters) {
            TRY(const auto letter, session.dead_letters().get(id));
            if (letter && !letter->subject.is_nil()) subjects.insert(letter->subject);
        }
        people.subjects.assign(subjects.begin(), subjects.end());
        sources.insert(progress_.sources.begin(), progress_.sources.end());
        progress_.sources.assign(sources.begin(), sources.end());
        return {};
    }

    // Until `question` says yes, or patience ends.
    Result<bool> wait_for(const std::function<Result<bool>()>& question) {
        for (Milliseconds waited{0};; waited += kErasurePoll) {
            TRY(const bool done, question());
            if (done || waited >= tools_.patience) return done;
            std::this_thread::sleep_for(kErasurePoll);
        }
    }

    Result<void> remove() {
        TRY(const bool past, wait_for([&] { return tools_.inbox_is_past(*progress_.barred_at); }));
        if (!past) {
            progress_.waits_for.emplace_back("webhooks that were accepted before the erasure are not worked on yet");
            return {};
        }
        TRY(const bool removed, wait_for([&]() -> Result<bool> {
                auto done = remove_rows();
                if (!done && done.error().fault == Fault::conflict) return false;  // a delivery holds a lane
                if (!done) return pass(std::move(done));
                return true;
            }));
        if (!removed) {
            progress_.waits_for.emplace_back("a delivery of theirs is under way");
            return {};
        }
        world_.subject_keys.forget(progress_.people.subjects);
        // Whatever was written by what was on its way is in the log and nowhere else now.
        return world_.store.settle_log();
    }

    Result<void> remove_rows() {
        auto before = progress_;
        auto removed = store("erase.remove", [&](store::Session& session) -> Result<void> {
            auto& people = progress_.people;
            TRY(people, session.person_rows().widen(people));
            TRY(const auto tasks, tasks_of(session));
            TRY(const auto told, session.propagation().put(tasks));
            progress_.tasks += told;
            TRY(const auto remainders, remainders_of(world_, session, people, tools_.remainders));
            CHECK_OK(session.remainders().put(remainders));
            progress_.remainders += remainders.size();
            TRY(const auto counts, session.person_rows().remove(people, kept_.request.uid));
            for (const auto& [table, count] : counts_by_table(counts)) progress_.removed[table] += count;
            progress_.stage = ErasureStage::removed;
            progress_.removed_at = world_.clock.now();
            return {};
        });
        if (!removed) progress_ = std::move(before);
        return removed;
    }

    // One for each name by which a destination knows them. What we delivered there without a name is told by purpose.
    Result<std::vector<store::NewPropagationTask>> tasks_of(store::Session& session) {
        std::vector<store::NewPropagationTask> tasks;
        const auto& request = kept_.request;
        const auto now = world_.clock.now();
        const auto add = [&](const Uid& subject, const std::string& destination, const std::string& external_id) {
            for (const auto& task : tasks)
                if (task.destination == destination && task.external_id == external_id) return;
            tasks.push_back({request.uid, store::TaskKind::erase, subject, request.customers.front(), destination,
                             external_id, "", "", now, now, request.due_at});
        };
        for (const auto& subject : progress_.people.subjects) {
            TRY(const auto told, session.disclosures().of(subject));
            for (const auto& one : told) add(subject, one.destination, one.external_id);
        }
        TRY(const auto remotes, session.person_rows().remote_ids(progress_.people));
        for (const auto& one : remotes)
            if (one.entity == "contact") add(progress_.people.subjects.front(), one.connection, one.remote_id);
        return tasks;
    }

    Result<void> verify() {
        store::PersonCounts left;
        CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(left, session.person_rows().count(progress_.people));
            TRY(const auto barred, session.erasures().contains(progress_.people.subjects));
            for (const auto& since : barred)
                if (!since) progress_.waits_for.emplace_back("a subject is not in the ledger of erasures");
            return {};
        }));
        for (const auto& [table, count] : counts_by_table(left))
            progress_.waits_for.push_back(std::to_string(count) + " rows of " + table + " are left");
        TRY(const auto opened, opened_samples(world_, progress_.samples));
        if (opened > 0) progress_.waits_for.push_back(std::to_string(opened) + " sealed blobs still open");
        if (!progress_.waits_for.empty()) return {};
        progress_.sampled += progress_.samples.size();
        progress_.samples.clear();
        progress_.stage = ErasureStage::verified;
        progress_.verified_at = world_.clock.now();
        return store("erase.verify");
    }

    Result<void> certify() {
        std::vector<store::PropagationTask> tasks;
        CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
            store::PropagationFilter filter;
            filter.request = kept_.request.uid;
            TRY(tasks, session.propagation().list(filter, 0, kAllTasks));
            return {};
        }));
        std::set<std::string> open;
        for (const auto& task : tasks)
            if (task.open()) open.insert(task.task.destination + " (" + std::string(store::name_of(task.state)) + ")");
        for (const auto& one : open) progress_.waits_for.push_back("destination " + one);
        for (const auto& customer : progress_.held) {
            TRY(const auto basis, hold_of(world_, customer));
            progress_.waits_for.push_back("customer " + customer.text() + " is under legal hold (" +
                                          basis.value_or("it has ended: run it again") +
                                          "): `subject release` ends it, `subject restrict` keeps the data from being "
                                          "used until then");
        }
        const bool complete = progress_.stage == ErasureStage::verified && progress_.waits_for.empty();
        const auto type = complete ? RequestAct::Type::finish : RequestAct::Type::finish_partly;
        const auto now = world_.clock.now();
        CHECK_OK(consent::apply(kept_.request, {.type = type, .by = by_, .at = now}));
        progress_.certificate = tools_.sign(certificate_text(kept_.request, progress_, tasks, now));
        CHECK_OK(store(complete ? "erase.complete" : "erase.incomplete"));
        return world_.store.settle_log();
    }

    World& world_;
    const ErasureTools& tools_;
    KeptRequest kept_;
    ErasureProgress progress_;
    std::string by_;
    std::uint64_t next_version_ = 0;
};

}  // namespace

Result<store::PersonUids> people_of(World& world, std::span<const Uid> customers) {
    store::PersonUids people;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(people.customers, session.identity().resolve(customers));
        std::ranges::sort(people.customers);
        TRY(const auto known, session.identity().customers(people.customers));
        for (std::size_t i = 0; i < known.size(); ++i)
            if (!known[i])
                return fail(Fault::not_found, "there is no such customer", "customer " + people.customers[i].text());
        TRY(people, session.person_rows().widen(people));
        return {};
    }));
    return people;
}

Result<std::optional<std::string>> hold_of(World& world, const Uid& customer) {
    TRY(const auto people, people_of(world, std::span(&customer, 1)));
    std::optional<std::string> basis;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto marks, session.subject_marks().of(store::MarkKind::held, people.subjects, world.clock.now()));
        if (!marks.empty()) basis = marks.front().basis;
        return {};
    }));
    return basis;
}

Result<KeptRequest> run_erasure(World& world, const ErasureTools& tools, const Uid& request, const std::string& by) {
    TRY(auto kept, load_request(world, request));
    if (kept.request.kind != consent::RequestKind::erasure)
        return fail(Fault::bad_input, "is no erasure", "request " + request.text());
    TRY(auto progress, ErasureProgress::parse(kept.progress));
    ErasureRun run(world, tools, std::move(kept), std::move(progress), by);
    CHECK_OK(run.run());
    return run.kept();
}

}  // namespace tributary::flow
