// What stands between the head of a lane and its push: was its customer merged, may it go, does it map?
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/delivery_round.hpp"
#include "gateway/flow/outbound.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kPausedLook = 1min;
constexpr Milliseconds kMergedLook = 1s;

}  // namespace

std::int64_t DeliveryRound::newest_word() {
    std::int64_t newest = -1;
    auto read = way_.world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(newest, session.consent_events().newest());
        return {};
    });
    return read ? newest : -1;
}

void DeliveryRound::stay_allowed(Heads& heads) {
    if (auto now = newest_word(); now >= 0 && now == heard_) return;
    std::scoped_lock lock(way_.ready);
    std::erase_if(heads, [&](DeliveryLane* lane) { return !make_ready(*lane, AfterMerge::as_before); });
}

void DeliveryRound::make_ready(Heads& heads) {
    heard_ = newest_word();
    std::vector<Uid> subjects;
    for (auto* lane : heads) subjects.push_back(lane->head().item->subject);
    if (auto loaded = way_.world.subject_keys.load(subjects, way_.world.key_store); !loaded)
        way_.world.log.error("subject keys not loaded", loaded.error(), {{"destination", way_.destination}});
    auto merges = after_merges(way_.world, heads);
    Heads ready;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (!merges)
            failed(*heads[i], merges.error(), false);
        else if (make_ready(*heads[i], (*merges)[i]))
            ready.push_back(heads[i]);
    }
    heads = std::move(ready);
}

bool DeliveryRound::make_ready(DeliveryLane& lane, AfterMerge merge) {
    auto& head = lane.head();
    if (merge == AfterMerge::needless) {
        lane.end_head(store::ItemEnd::superseded, false, "its customer was merged into another one");
        return false;
    }
    if (merge == AfterMerge::wait) {
        lane.stopped = Verdict{Verdict::Action::retry, kMergedLook, false, false};
        lane.error = "goes after what waits for the customer into which its own was merged";
        return false;
    }
    if (!way_.sink) {
        failed(lane,
               {Fault::bad_config, "connector of this destination cannot be written to",
                "destination " + way_.destination},
               false);
        return false;
    }
    if (!head.delivery) {
        failed(lane,
               {Fault::refused, "delivery " + head.operation.delivery + " is no longer configured",
                "destination " + way_.destination},
               false);
        return false;
    }
    if (head.delivery->paused) {
        lane.stopped = Verdict{Verdict::Action::retry, kPausedLook, false, false};
        lane.error = "delivery " + head.delivery->name + " is paused";
        return false;
    }
    auto decision = permit(way_.world, head);
    if (!decision) {
        failed(lane, decision.error(), false);
        return false;
    }
    if (decision->verdict == consent::Verdict::deny && decision->reason == kErased) {
        lane.end_head(store::ItemEnd::superseded, false, std::string(kErased));
        return false;
    }
    if (decision->verdict == consent::Verdict::deny) {
        head.withheld = withheld_row(way_.world, head, decision->reason);
        lane.end_head(store::ItemEnd::withheld, false, std::string(decision->reason));
        return false;
    }
    if (decision->verdict == consent::Verdict::hold) {
        failed(lane, undecided(*decision, "destination " + way_.destination).error(), false);
        return false;
    }
    if (auto ready = fill_push(way_.world, lane, way_.scratch); !ready) {
        failed(lane, ready.error(), false);
        return false;
    }
    return true;
}

}  // namespace tributary::flow
