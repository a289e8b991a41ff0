#include "gateway/flow/stored_basis.hpp"

#include <algorithm>
#include <set>

#include "gateway/consent/purpose.hpp"
#include "gateway/flow/ingest_gate.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/record/classes.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kBasisPage = 500;

// The one that brought it: by its mapping, since links of another stream's records stand under a name of their own.
const Stream* stream_of_row(const World& world, const store::RecordRow& row) {
    const auto* connection = world.connection(row.key.connection);
    if (!connection) return nullptr;
    const auto mapping = row.mapping_version.substr(0, row.mapping_version.find('@'));
    for (const auto& [_, stream] : connection->streams)
        if (stream.plan->name() == mapping) return &stream;
    const auto named = connection->streams.find(row.key.stream);
    return named == connection->streams.end() ? nullptr : &named->second;
}

Uid contact_of(const store::RecordRow& row, const record::Model& model, value::Node root) {
    if (row.entity == "contact") return row.header.uid;
    const auto* field = model.entity(row.entity)->link("contact");
    const auto id = field ? root.at_path(field->path).find("id") : value::Node();
    return Uid::parse(id.text()).value_or(Uid{});
}

Result<std::optional<PreparedRecord>> prepared_of(World& world, store::RecordRow row, const Stream& stream) {
    PreparedRecord out;
    auto personal =
        world.subject_keys.open(row.header.subject, record_place(row.header.uid), row.sealed, world.key_store);
    if (!personal && personal.error().fault == Fault::not_found) return std::nullopt;
    if (!personal) return pass(std::move(personal), "record " + row.header.uid.text());
    TRY(out.document, record::join(row.clear, *personal));
    out.personal = std::move(*personal);
    out.contact = contact_of(row, world.model, out.document.root());
    out.linked = row.mapping_version.ends_with("#link");
    out.stream = &stream;
    out.restated = true;
    out.row = std::move(row);
    return out;
}

std::set<std::string> entities_with_purposes(const World& world) {
    std::set<std::string> out;
    for (const auto& [_, connection] : world.connections)
        for (const auto& [name, stream] : connection.streams)
            if (!stream.purposes.empty())
                for (const auto& entity : world.model.entity_names())
                    if (entity == stream.plan->to() || world.model.entity(entity)->subject) out.insert(entity);
    return out;
}

}  // namespace

Result<JudgedRecords> load_judged(World& world, std::span<const Uid> records) {
    std::vector<std::optional<store::RecordRow>> rows;
    std::set<Uid> held;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.records().load(records));
        std::vector<Uid> subjects;
        for (const auto& row : rows)
            if (row) subjects.push_back(row->header.subject);
        TRY(held, held_among(session, subjects, world.clock.now()));
        return {};
    }));
    JudgedRecords out;
    for (auto& row : rows) {
        if (!row || row->header.deleted || row->sealed.empty()) continue;
        const auto* stream = stream_of_row(world, *row);
        if (!stream || stream->purposes.empty()) continue;
        TRY(auto record, prepared_of(world, std::move(*row), *stream));
        if (!record) continue;
        auto& into = held.contains(record->row.header.subject) ? out.held : out.records;
        into.push_back(std::move(*record));
    }
    return out;
}

bool is_kept_for(const World& world, const consent::ConsentEvent& act) {
    for (const auto& [_, connection] : world.connections)
        for (const auto& [name, stream] : connection.streams)
            if (std::ranges::any_of(stream.purposes, [&](const auto& purpose) {
                    return consent::is_same_or_ancestor(act.purpose, purpose);
                }))
                return true;
    return false;
}

Result<PolicyReport> sweep_stored_basis(World& world, Process& process, bool dry_run) {
    PolicyReport report{"records without a basis"};
    const auto judge = [&](std::vector<PreparedRecord> records) -> Result<std::uint64_t> {
        Prepared alone;
        alone.records = std::move(records);
        TRY(const auto left, drop_without_basis(world, alone));
        std::uint64_t count = 0;
        for (const auto& [_, of_reason] : left.by_reason) count += of_reason;
        return count;
    };
    for (const auto& entity : entities_with_purposes(world))
        for (std::int64_t after = 0;;) {
            std::vector<Uid> page;
            CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(const auto rows, session.records().list(entity, after, kBasisPage));
                for (const auto& row : rows) page.push_back(row.header.uid);
                if (!rows.empty()) after = rows.back().header.id;
                return {};
            }));
            if (page.empty()) break;
            TRY(auto judged, load_judged(world, page));
            TRY(const auto held, judge(std::move(judged.held)));
            TRY(const auto due, judge(std::move(judged.records)));
            report.held += held;
            report.due += due + held;
            if (dry_run || due == 0) continue;
            TRY(const auto done, process.judge_stored(page));
            report.removed += done.changed;
        }
    return report;
}

}  // namespace tributary::flow
