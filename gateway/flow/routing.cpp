#include "gateway/flow/routing.hpp"

#include <algorithm>

#include "gateway/crypto/digest.hpp"
#include "gateway/mapping/skip.hpp"
#include "gateway/record/classes.hpp"

namespace tributary::flow {
namespace {

// A deletion always goes: what is left out now may be over there since before.
bool leaves_out(const Delivery& delivery, const Change& change, std::optional<mapping::Scratch>& scratch) {
    if (change.deleted || !delivery.plan || !mapping::has_skip(*delivery.plan)) return false;
    if (!scratch) scratch.emplace();
    return delivery.plan->run(change.document, *scratch).skipped;
}

}  // namespace

std::string operation_text(const Delivery& delivery, bool deleted) {
    return delivery.name + (deleted ? ":delete" : ":upsert");
}

store::Digest operation_key(const Delivery& delivery, const Uid& local, std::uint64_t version, bool deleted) {
    crypto::Place parts{"op", delivery.name, local.view(), std::to_string(version), deleted ? "d" : "u"};
    return crypto::sha256(parts.bytes());
}

Operation read_operation(std::string_view text) {
    auto colon = text.rfind(':');
    return {std::string(text.substr(0, colon)), colon != std::string_view::npos && text.substr(colon + 1) == "delete"};
}

void route(World& world, const Change& change, const ConsentFacts& facts, Routed& out,
           const std::vector<std::string>& only) {
    std::optional<record::Parts> parts;
    for (const auto& delivery : world.deliveries) {
        if (delivery.entity != change.entity || delivery.to == change.origin) continue;
        if (change.deleted && !delivery.deletes) continue;
        if (!only.empty() && std::ranges::find(only, delivery.name) == only.end()) continue;
        if (leaves_out(delivery, change, out.scratch)) continue;
        auto decision = facts.decide(world, delivery, change.subjects, {change.document, change.person});
        if (!decision.allowed()) {
            out.withheld.push_back({0, delivery.to, change.local, change.customer, change.entity,
                                    operation_text(delivery, change.deleted), delivery.purpose,
                                    std::string(decision.reason), change.origin, change.mapping_version,
                                    world.clock.now()});
            continue;
        }
        if (!parts) parts = record::split(*world.model.entity(change.entity), change.document);
        OpenItem open;
        auto& item = open.item;
        item.destination = delivery.to;
        item.lane_key = change.customer.is_nil() ? change.entity + ":" + change.local.text() : change.customer.text();
        item.entity = change.entity;
        item.record = change.local;
        item.customer = change.customer;
        item.operation = operation_text(delivery, change.deleted);
        item.op_key = operation_key(delivery, change.local, change.version, change.deleted);
        item.clear = parts->clear;
        item.subject = change.subject;
        item.origin = change.origin;
        item.mapping_version = change.mapping_version;
        item.created_at = world.clock.now();
        item.supersede = delivery.on_permanent_failure == OnPermanentFailure::supersede;
        open.personal = parts->personal;
        out.items.push_back(std::move(open));
    }
}

}  // namespace tributary::flow
