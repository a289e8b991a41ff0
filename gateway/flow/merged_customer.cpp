#include "gateway/flow/merged_customer.hpp"

namespace tributary::flow {
namespace {

// Changes since the merge were queued in the survivor's lane.
Result<bool> has_newer_form(store::ReadSession& session, const DeliveryItem& work) {
    const auto& item = *work.item;
    if (!item.supersede || !work.delivery) return false;
    TRY(auto rows, session.records().load(std::span(&item.record, 1)));
    const auto& row = rows.front();
    return row && !row->header.deleted &&
           operation_key(*work.delivery, item.record, row->header.version, false) != item.op_key;
}

Result<AfterMerge> after_merge(store::ReadSession& session, const DeliveryItem& work, const Uid& survivor) {
    const auto& item = *work.item;
    if (survivor == item.customer) return AfterMerge::as_before;
    if (item.entity == "contact") return AfterMerge::needless;
    TRY(bool newer, has_newer_form(session, work));
    if (newer) return AfterMerge::needless;
    store::LaneFilter of_survivor{item.destination, survivor.text()};
    TRY(auto ahead, session.outbox().lanes(of_survivor, 0, 1));
    return ahead.empty() ? AfterMerge::as_before : AfterMerge::wait;
}

}  // namespace

Result<std::vector<AfterMerge>> after_merges(World& world, std::span<DeliveryLane* const> lanes) {
    std::vector<Uid> customers;
    for (auto* lane : lanes) customers.push_back(lane->head().item->customer);
    std::vector<AfterMerge> out;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto survivors, session.identity().resolve(customers));
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            TRY(auto after, after_merge(session, lanes[i]->head(), survivors[i]));
            out.push_back(after);
        }
        return {};
    }));
    return out;
}

Result<void> name_survivors(store::Session& session, std::vector<store::RemoteId>& remotes) {
    for (auto& remote : remotes) {
        if (remote.entity != "contact") continue;
        TRY(auto survivors, session.identity().resolve(std::span(&remote.local, 1)));
        if (survivors.front() == remote.local) continue;
        TRY(auto named, session.remote_ids().remote_of(remote.connection, remote.entity, survivors));
        if (!named.front()) remote.local = survivors.front();
    }
    return {};
}

}  // namespace tributary::flow
