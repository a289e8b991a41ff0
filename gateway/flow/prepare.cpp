#include "gateway/flow/prepare.hpp"

#include <algorithm>

#include "gateway/crypto/digest.hpp"
#include "gateway/flow/browser_signal.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/references.hpp"
#include "gateway/flow/source_digest.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kCauseIssues = 20;  // a cause is read by people: the rest is counted

std::string cause_of(const std::vector<mapping::Issue>& issues) {
    std::string cause;
    std::size_t shown = 0, more = 0;
    for (const auto& issue : issues) {
        if (issue.level != mapping::Level::quarantine) continue;
        if (shown == kCauseIssues) {
            ++more;
            continue;
        }
        if (shown++ > 0) cause += "; ";
        cause += issue.text();
    }
    if (more > 0) cause += "; and " + std::to_string(more) + " more";
    return cause;
}

std::optional<Timestamp> changed_at(value::Node record) {
    const auto updated = record.find("updated_at");
    return updated ? record::parse_timestamp(updated.text()) : std::nullopt;
}

}  // namespace

void settle_form(const World& world, PreparedRecord& prepared, record::Parts& parts) {
    auto& row = prepared.row;
    const auto root = prepared.document.root();
    if (const auto* connection = world.connection(row.key.connection); connection && row.entity == "contact")
        prepared.match_keys = contact_keys(world, *connection, row.key, root);
    row.header.hash = record::canonical_hash(root);
    if (row.header.deleted) row.header.hash[0] ^= 0x80;  // a tombstone is a change of its own
    record::split(*world.model.entity(row.entity), root, parts);
    row.clear = parts.clear;
    prepared.personal = parts.personal;
}

std::unique_ptr<Preparer::Tools> Preparer::borrow() {
    {
        std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            auto tools = std::move(idle_.back());
            idle_.pop_back();
            return tools;
        }
    }
    return std::make_unique<Tools>();
}

void Preparer::give_back(std::unique_ptr<Tools> tools) {
    std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(tools));
}

namespace {

// One source record on its way: everything the steps below share.
struct Passage {
    World& world;
    const Connection& connection;
    const Stream& stream;
    const Intake& intake;
    store::Digest source;
    Timestamp now;
    Prepared& out;

    // What was told at a time to come was told before the clock was set back.
    Timestamp told_at() const { return std::min(intake.told_at.value_or(now), now); }
};

void quarantine(Passage& at, std::string stage, Fault fault, std::string cause) {
    store::NewDeadLetter letter;
    letter.stage = std::move(stage);
    letter.fault = fault;
    letter.cause = std::move(cause);
    letter.connection = at.connection.name;
    letter.stream = at.stream.name;
    letter.entity = at.stream.plan->to();
    letter.record_key = at.intake.record.external_id;
    letter.record = record_uid(at.world.blind, {at.connection.name, at.stream.name, at.intake.record.external_id});
    letter.subject = at.world.blind.subject_of(at.connection.name, letter.entity, at.intake.record.external_id);
    letter.mapping_version = at.stream.plan->version();
    letter.operation = at.intake.record.deleted ? "delete" : "upsert";
    letter.clear = at.intake.record.json;
    letter.op_key = crypto::sha256(at.intake.record.json);  // the same broken record is kept once
    letter.first_failed_at = letter.last_failed_at = at.now;
    letter.attempts = 1;
    at.out.dead.push_back(std::move(letter));
    ++at.out.quarantined;
}

// The stream whose records a reference of this connection means: the one that makes the entity; without one the linked
// records stand under the entity's name.
std::string stream_of(const Connection& connection, const std::string& entity) {
    for (const auto& [name, stream] : connection.streams)
        if (stream.plan->to() == entity) return name;
    return entity;
}

Uid referred_uid(const Passage& at, const Reference& reference) {
    const auto* other = reference.connection.empty() ? &at.connection : at.world.connection(reference.connection);
    const auto& connection = other ? *other : at.connection;
    return record_uid(at.world.blind,
                      {connection.name, stream_of(connection, reference.entity), reference.external_id});
}

PreparedRecord make_record(Passage& at, mapping::MappedRecord&& mapped, bool main, record::Parts& parts) {
    const auto& blind = at.world.blind;
    PreparedRecord prepared;
    prepared.linked = !main;
    prepared.stream = &at.stream;
    auto& row = prepared.row;
    row.key = {at.connection.name, main ? at.stream.name : stream_of(at.connection, mapped.entity),
               main ? at.intake.record.external_id : mapped.key};
    row.entity = mapped.entity;
    const auto changed = changed_at(mapped.document.root());
    prepared.dated = changed.has_value();
    row.observed_at = changed.value_or(at.told_at());
    row.mapping_version = at.stream.plan->name() + "@" + at.stream.plan->version() + (main ? "" : "#link");
    row.header.uid = record_uid(blind, row.key);
    if (main) row.header.source = at.source;
    row.header.deleted = mapped.deleted || (main && at.intake.record.deleted);

    std::optional<Reference> contact;
    prepared.document = resolve_references(mapped.document.root(), [&](const Reference& reference) {
        if (reference.entity == "contact" && !contact) contact = reference;
        return referred_uid(at, reference);
    });
    if (row.entity == "contact") {
        prepared.contact = row.header.uid;
        row.header.subject = blind.subject_of(row.key.connection, row.entity, row.key.external_id);
    } else if (contact) {
        prepared.contact = referred_uid(at, *contact);
        row.header.subject = blind.subject_of(contact->connection.empty() ? row.key.connection : contact->connection,
                                              "contact", contact->external_id);
    } else {
        row.header.subject = blind.subject_of(row.key.connection, row.entity, row.key.external_id);
    }
    settle_form(at.world, prepared, parts);
    return prepared;
}

// The person's word, whatever becomes of the record that it came with.
void take_signal(Passage& at, const Uid& contact, const Uid& subject) {
    auto note = [&](std::string_view code) {
        at.out.quality.push_back({store::QualityKind::issue, at.connection.name, at.stream.name, "Sec-GPC",
                                  std::string(code), 1, at.now, at.now});
    };
    if (contact.is_nil()) return note("signal_without_person");
    auto acts = gpc_acts(at.world, at.connection, contact, subject, at.told_at());
    if (!acts) return note("signal_unreadable");
    for (auto& act : *acts) at.out.consents.push_back(std::move(act));
}

// Takes in what one source record became; all of it, or (a consent event that makes no sense) nothing.
template <class Keep>
void take(Passage& at, mapping::Mapped&& mapped, record::Parts& parts, const Keep& keep) {
    std::vector<PreparedRecord> records;
    std::vector<PreparedConsent> consents;
    for (auto& one : mapped.records) {
        if (one.entity != "consent_event") {
            records.push_back(make_record(at, std::move(one), records.empty(), parts));
            continue;
        }
        const auto& about = records.front();
        auto said = says_something(at.world, one.document.root());
        if (!said) return quarantine(at, "consent", said.error().fault, said.error().text());
        if (!*said) continue;
        auto consent = prepare_consent(at.world, one.document.root(), about.contact, about.row.header.subject, at.now);
        if (!consent) return quarantine(at, "consent", consent.error().fault, consent.error().text());
        consents.push_back(std::move(*consent));
    }
    if (at.intake.gpc && at.stream.plan->to() != "contact")
        take_signal(at, records.front().contact, records.front().row.header.subject);
    ++at.out.mapped_by_stream[at.stream.name];
    for (const auto& issue : mapped.issues)
        at.out.quality.push_back({store::QualityKind::issue, at.connection.name, at.stream.name, issue.target,
                                  issue.code, 1, at.now, at.now});
    for (auto& record : records) keep(std::move(record));
    for (auto& consent : consents) at.out.consents.push_back(std::move(consent));
}

}  // namespace

Prepared Preparer::prepare(const Batch& batch, std::span<const std::optional<store::RecordHeader>> known) {
    Prepared out;
    const Connection* connection = world_.connection(batch.connection);
    auto tools = borrow();
    Timestamp now = world_.clock.now();
    std::map<Uid, std::size_t> position;
    auto keep = [&](PreparedRecord record) {
        auto [at, fresh] = position.try_emplace(record.row.header.uid, out.records.size());
        if (fresh) out.records.push_back(std::move(record));
        // A record that came by itself is never replaced by a link's partial view of it.
        else if (!record.linked || out.records[at->second].linked)
            out.records[at->second] = std::move(record);
    };
    SourceDigests digests(world_, *connection);
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const auto& intake = batch.records[i];
        auto found = connection->streams.find(intake.stream);
        ++out.taken;
        Passage at{world_, *connection, found->second, intake, digests.of(found->second, intake.record), now, out};
        store::RecordKey key{connection->name, intake.stream, intake.record.external_id};
        // Unless an earlier record of this batch speaks about it: then this one may be a change back.
        if (!known.empty() && known[i] && known[i]->source == at.source &&
            (position.empty() || !position.contains(record_uid(world_.blind, key)))) {
            ++out.mapped_by_stream[intake.stream];
            out.familiar.push_back({std::move(key), at.source});
            continue;
        }
        if (intake.gpc && at.stream.plan->to() == "contact")
            take_signal(at, record_uid(world_.blind, key),
                        world_.blind.subject_of(connection->name, "contact", intake.record.external_id));
        auto source = tools->parser.parse(intake.record.json);
        if (!source) {
            quarantine(at, "decode", source.error().fault, source.error().text());
            continue;
        }
        drift_.observe(connection->name, intake.stream, source->root(), now);
        const auto& plan = *at.stream.plan;
        auto mapped = intake.record.deleted ? plan.run_deleted(source->root(), tools->scratch)
                                            : plan.run(source->root(), tools->scratch);
        if (mapped.skipped) {
            ++out.skipped;
            continue;
        }
        if (!mapped.accepted()) {
            quarantine(at, "map", Fault::bad_input, cause_of(mapped.issues));
            continue;
        }
        take(at, std::move(mapped), tools->parts, keep);
    }
    give_back(std::move(tools));
    for (const auto& [stream, count] : out.mapped_by_stream)
        for (auto& found : drift_.take_new(connection->name, stream, now)) out.quality.push_back(std::move(found));
    return out;
}

}  // namespace tributary::flow
