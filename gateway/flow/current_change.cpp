#include "gateway/flow/current_change.hpp"

#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"

namespace tributary::flow {
namespace {

Result<std::optional<store::RecordRow>> stored(World& world, const Uid& record) {
    std::optional<store::RecordRow> row;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto found, session.records().load(std::span(&record, 1)));
        row = std::move(found.front());
        return {};
    }));
    return row;
}

}  // namespace

Result<std::optional<CurrentChange>> current_change(World& world, const std::string& entity, const Uid& local,
                                                    const Uid& customer, const std::string& operation,
                                                    const std::string& origin) {
    auto wanted = read_operation(operation);
    CurrentChange out;
    out.delivery = wanted.delivery;
    auto& change = out.change;
    change.entity = entity;
    change.local = local;
    change.origin = origin;
    change.deleted = wanted.deleted;
    std::optional<CustomerChange> whole;
    if (!customer.is_nil()) {
        Uid survivor;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(auto resolved, session.identity().resolve(std::span(&customer, 1)));
            survivor = resolved.front();
            return {};
        }));
        auto loaded = load_customer(world, survivor);
        if (!loaded && loaded.error().fault != Fault::not_found) return pass(std::move(loaded));
        if (loaded) {
            whole = std::move(*loaded);
            change.customer = survivor;
            change.subjects = whole->subjects;
        }
    }
    if (entity == "contact") {
        if (!whole) return std::nullopt;
        change.local = whole->row.uid;
        change.subject = whole->subject;
        change.version = whole->row.version;
        change.deleted = whole->golden.empty();
        out.document = std::move(whole->golden);
        return out;
    }
    TRY(auto row, stored(world, local));
    if (!row) return std::nullopt;
    TRY(out.document, open_payload(world, row->header.subject, record_place(local), row->clear, row->sealed));
    if (whole) out.person = std::move(whole->golden);
    change.subject = row->header.subject;
    change.version = row->header.version;
    change.deleted = row->header.deleted;
    change.mapping_version = row->mapping_version;
    if (change.subjects.empty()) change.subjects.push_back(change.subject);
    return out;
}

Result<std::vector<CurrentChange>> withheld_changes(World& world, std::span<const Uid> customers) {
    std::vector<CurrentChange> out;
    for (const auto& customer : customers) {
        std::vector<store::WithheldRow> rows;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(rows, session.withheld().of_customer(customer));
            return {};
        }));
        for (const auto& row : rows) {
            TRY(auto current, current_change(world, row.entity, row.record, row.customer, row.operation, row.origin));
            if (current) out.push_back(std::move(*current));
        }
    }
    return out;
}

}  // namespace tributary::flow
