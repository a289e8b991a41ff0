// Items, and the outbox of one test with a clock that is moved by hand.
#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline store::NewItem item(const std::string& lane, std::uint32_t number, const std::string& destination = "crm") {
    return {.destination = destination,
            .lane_key = lane,
            .entity = "contact",
            .record = uid(number),
            .customer = uid(900),
            .operation = "upsert",
            .op_key = digest(number),
            .clear = R"({"n":)" + std::to_string(number) + "}",
            .sealed = std::string("s\0s", 3),
            .subject = uid(800),
            .origin = "erp",
            .mapping_version = "v1",
            .created_at = at(number),
            .supersede = true};
}

// The outbox of one test, with a clock that is moved by hand.
struct Lanes {
    store::Store& store;
    std::int64_t now = 1000;

    std::vector<std::int64_t> enqueue(std::vector<store::NewItem> items) {
        return write(store, [&](store::Session& s) { return s.outbox().enqueue(items); });
    }
    std::vector<store::ClaimedLane> claim(std::size_t lanes = 100, std::size_t items = 100,
                                          const std::string& destination = "crm") {
        const store::LaneClaim request{destination, lanes, items, at(now), std::chrono::seconds(30), "worker"};
        return write(store, [&](store::Session& s) { return s.outbox().claim(request); });
    }
    store::Settled settle(const store::LaneResult& result) {
        return write(store, [&](store::Session& s) { return s.outbox().settle(std::span(&result, 1)); }).front();
    }
    store::LaneResult all(const store::ClaimedLane& lane, store::ItemEnd end) const {
        store::LaneResult result{.lease = lane.lease, .at = at(now)};
        for (const auto& one : lane.items) result.items.push_back({.seq = one.seq, .end = end, .detail = "200"});
        return result;
    }
    std::vector<store::ReapedLane> reap() {
        return write(store, [&](store::Session& s) { return s.outbox().reap(at(now)); });
    }
    std::vector<store::LaneRow> rows() {
        return read(store, [&](store::ReadSession& s) { return s.outbox().lanes({}, 0, 1000); });
    }
    std::vector<store::DeadLetter> dead() {
        return read(store, [&](store::ReadSession& s) { return s.dead_letters().list({}, 0, 100, true); });
    }
    std::optional<Timestamp> due(const std::string& destination = "crm") {
        return read(store, [&](store::ReadSession& s) { return s.outbox().next_due(destination); });
    }
};

inline std::vector<std::int64_t> seqs(const store::ClaimedLane& lane) {
    std::vector<std::int64_t> seqs;
    for (const auto& one : lane.items) seqs.push_back(one.seq);
    return seqs;
}

}  // namespace tributary::contract
