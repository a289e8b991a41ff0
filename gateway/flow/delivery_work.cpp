#include "gateway/flow/delivery_work.hpp"

#include <map>

namespace tributary::flow {

void DeliveryLane::end_head(store::ItemEnd end, bool attempted, std::string detail) {
    auto& item = head();
    item.result.seq = item.item->seq;
    item.result.end = end;
    item.result.attempted = attempted;
    item.result.detail = std::move(detail);
    for (auto seq : item.older) {
        DeliveryItem needless;
        needless.result = {seq, store::ItemEnd::superseded, false, "a newer form is queued", Milliseconds{0}, {}};
        ended.push_back(std::move(needless));
    }
    ended.push_back(std::move(item));
    waiting.pop_front();
}

DeliveryLane open_lane(const World& world, store::ClaimedLane claimed) {
    DeliveryLane lane;
    lane.claimed = std::move(claimed);
    lane.fail_count = lane.claimed.fail_count;
    std::map<std::pair<std::string, Uid>, std::size_t> places;  // in `waiting`, of a form that a newer one may replace
    for (const auto& item : lane.claimed.items) {
        DeliveryItem work;
        work.item = &item;
        work.operation = read_operation(item.operation);
        work.delivery = world.delivery(work.operation.delivery);
        auto [place, first] = places.try_emplace(std::pair(work.operation.delivery, item.record), lane.waiting.size());
        if (!first) {
            auto& before = lane.waiting[place->second];
            work.older = std::move(before.older);
            work.older.push_back(before.item->seq);
            // What is deleted goes last: what stands between was of it.
            if (work.operation.deleted) {
                before.item = nullptr;
                place->second = lane.waiting.size();
                lane.waiting.push_back(std::move(work));
            } else {
                before = std::move(work);
            }
        } else {
            lane.waiting.push_back(std::move(work));
        }
        if (!item.supersede) places.erase(place);
    }
    std::erase_if(lane.waiting, [](const DeliveryItem& work) { return work.item == nullptr; });
    return lane;
}

store::LaneResult lane_result(const DeliveryLane& lane, Timestamp at) {
    store::LaneResult result;
    result.lease = lane.claimed.lease;
    result.at = at;
    for (const auto& item : lane.ended) result.items.push_back(item.result);
    result.fail_count = lane.fail_count;
    result.error = lane.error;
    result.unsure = lane.claimed.crash_count > 0 && !lane.sent_anew;
    if (!lane.stopped) return result;
    using Action = Verdict::Action;
    if (lane.stopped->action == Action::block)
        result.block = true;
    else if (lane.stopped->action != Action::bury)
        result.retry_at = at + lane.stopped->delay;
    // The failed item stays, and its attempt is told.
    if (lane.stopped->action != Action::bury && !lane.waiting.empty()) {
        const auto& head = lane.waiting.front();
        store::ItemResult kept{head.item->seq, store::ItemEnd::kept, lane.stopped->counted,
                               lane.error,     head.result.took,     std::nullopt};
        result.items.push_back(std::move(kept));
    }
    return result;
}

}  // namespace tributary::flow
