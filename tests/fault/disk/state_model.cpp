#include "tests/fault/disk/state_model.hpp"

#include <fmt/format.h>

#include <cstring>

namespace tributary::disk {

Timestamp second(std::int64_t number) {
    return Timestamp{std::chrono::hours(24 * 365 * 56) + std::chrono::seconds(number)};
}

store::Digest key_of(std::uint32_t number) {
    store::Digest digest{};
    std::memcpy(digest.data(), &number, sizeof number);
    digest[31] = 7;
    return digest;
}

store::InboxEntry entry_of(std::uint32_t number) {
    return {kShop,
            key_of(number),
            "orders/create",
            second(number),
            "content-type: application/json",
            fmt::format("{} {}", number, std::string(200 + number % 300, 'b'))};
}

store::NewItem item_of(std::uint32_t number, const std::string& destination) {
    store::NewItem item{.destination = destination,
                        .lane_key = fmt::format("customer-{}", number % 23),
                        .entity = "contact",
                        .operation = "upsert",
                        .op_key = key_of(number),
                        .clear = fmt::format("{} {}", number, std::string(100 + number % 200, 'c')),
                        .origin = kShop,
                        .mapping_version = "v1",
                        .created_at = second(number)};
    item.record.bytes[0] = item.customer.bytes[1] = item.subject.bytes[2] = static_cast<std::uint8_t>(number % 23 + 1);
    return item;
}

void StateModel::enqueue(std::uint32_t number) {
    for (const auto* destination : kDestinations) {
        auto& lane = lanes[{destination, item_of(number, destination).lane_key}];
        lane.items.emplace(lane.next_seq++, number);
    }
}

std::string StateModel::text() const {
    std::string text = "inbox";
    for (const auto number : waiting) text += fmt::format(" {}", number);
    for (const auto& [name, lane] : lanes) {
        if (lane.items.empty()) continue;
        text += fmt::format("\nlane {} {}", name.first, name.second);
        for (const auto& [seq, number] : lane.items) text += fmt::format(" {}:{}", seq, number);
    }
    for (const auto* destination : kDestinations) {
        const auto of = [&](const auto& counts) {
            const auto found = counts.find(destination);
            return found == counts.end() ? 0 : found->second;
        };
        text += fmt::format("\n{} delivered {} buried {}", destination, of(delivered), of(buried));
    }
    return text + fmt::format("\ncursor {}", cursor);
}

namespace {

// A row that holds other than what was put there is told as it is not, so that no state matches it.
std::uint32_t number_in(const std::string& body) {
    return static_cast<std::uint32_t>(std::strtoul(body.c_str(), nullptr, 10));
}

Result<void> read_inbox(store::Session& session, StateModel& model) {
    TRY(const auto entries, session.inbox().claim(1'000'000, second(100'000'000), std::chrono::seconds(30)));
    for (const auto& one : entries) {
        const auto number = number_in(one.entry.body);
        const auto whole = entry_of(number);
        if (one.entry.body != whole.body || one.entry.dedup_key != whole.dedup_key ||
            one.entry.headers != whole.headers)
            return fail(Fault::internal, "an inbox entry is not what was put there");
        if (!model.waiting.insert(number).second) return fail(Fault::internal, "an inbox entry is there twice");
    }
    return {};
}

Result<void> read_lanes(store::ReadSession& session, StateModel& model) {
    TRY(const auto rows, session.outbox().lanes({}, 0, 100'000));
    for (const auto& row : rows) {
        auto& lane = model.lanes[{row.destination, row.lane_key}];
        TRY(const auto items, session.outbox().items(row.lane, 0, 1'000'000));
        if (items.size() != row.depth)
            return fail(Fault::internal, "the depth of a lane is not the count of its items");
        for (const auto& one : items) {
            const auto number = number_in(one.clear);
            const auto whole = item_of(number, row.destination);
            if (one.clear != whole.clear || one.op_key != whole.op_key || one.record != whole.record)
                return fail(Fault::internal, "an item is not what was put there");
            lane.items.emplace(one.seq, number);
        }
    }
    return {};
}

Result<void> read_counts(store::ReadSession& session, StateModel& model) {
    TRY(const auto stats, session.counters().stats());
    for (const auto& one : stats.destinations) {
        model.delivered[one.destination] = one.delivered;
        model.buried[one.destination] = one.dead;
    }
    TRY(const auto checkpoint, session.checkpoints().get("erp", "customers"));
    if (checkpoint) model.cursor = std::stoull(checkpoint->cursor);
    return {};
}

}  // namespace

Result<std::string> text_of(store::Store& store) {
    StateModel model;
    CHECK_OK(store.write([&](store::Session& session) { return read_inbox(session, model); }));
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        CHECK_OK(read_lanes(session, model));
        return read_counts(session, model);
    }));
    return model.text();
}

}  // namespace tributary::disk
