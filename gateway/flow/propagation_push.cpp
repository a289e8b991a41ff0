#include "gateway/flow/propagation_push.hpp"

#include <fmt/format.h>

namespace tributary::flow {
namespace {

using connector::Capability;
using connector::PersonFact;

bool ends_channel(const Capability& how, const consent::Purpose& purpose) {
    if (!purpose.direct_marketing) return false;
    if (how.channel == "any") return true;
    auto channel = consent::channel_named(how.channel);
    return channel && purpose.takes(*channel);
}

const Capability* first(const std::optional<Capability>& a, const std::optional<Capability>& b) {
    return a ? &*a : b ? &*b : nullptr;
}

std::string_view text_of(PersonFact fact, const store::PropagationTask& task, std::string_view address,
                         const std::string& customer) {
    switch (fact) {
        case PersonFact::email:
        case PersonFact::phone:
            return address;
        case PersonFact::purpose:
            return task.task.purpose;
        case PersonFact::state:
            return "withdrawn";
        case PersonFact::customer:
            return customer;
    }
    return {};
}

connector::Push push_for(const Capability& how, const store::PropagationTask& task, std::string_view address,
                         std::size_t number) {
    connector::Push push;
    // The same over all attempts, and another for each address.
    push.idempotency_key = fmt::format("{}-{}-{}", task.task.request.text(), task.id, number);
    auto customer = task.task.customer.text();
    value::Builder record;
    record.begin_object();
    for (const auto& [field, fact] : how.record) record.key(field).text(text_of(fact, task, address, customer));
    record.end();
    push.record = record.take();
    if (!task.task.external_id.empty()) push.remote_id = task.task.external_id;
    push.deleted = how.remove;
    return push;
}

}  // namespace

const Capability* capability_for(const connector::Capabilities& can, store::TaskKind kind,
                                 const consent::Purpose* purpose) {
    switch (kind) {
        case store::TaskKind::withdraw:
            if (purpose && can.unsubscribe && ends_channel(*can.unsubscribe, *purpose)) return &*can.unsubscribe;
            return can.set_consent ? &*can.set_consent : nullptr;
        case store::TaskKind::erase:
            return first(can.remove, can.redact);
        case store::TaskKind::rectify:
        case store::TaskKind::restrict:
            return nullptr;
    }
    return nullptr;
}

Result<std::vector<connector::Push>> pushes_of(const Capability& how, const store::PropagationTask& task,
                                               const Reach& reach) {
    std::vector<connector::Push> pushes;
    bool by_email = how.takes(PersonFact::email), by_phone = how.takes(PersonFact::phone);
    if (how.remove && task.task.external_id.empty())
        return fail(Fault::refused, "the destination never told its id of this person: delete it there by hand");
    if (!by_email && !by_phone) {
        pushes.push_back(push_for(how, task, {}, 0));
        return pushes;
    }
    const auto& addresses = by_email ? reach.emails : reach.phones;
    if (addresses.empty())
        return fail(Fault::refused, fmt::format("action {} needs {}, and none is known: tell the destination by hand",
                                                how.action, by_email ? "an e-mail address" : "a phone number"));
    for (const auto& address : addresses) pushes.push_back(push_for(how, task, address, pushes.size()));
    return pushes;
}

}  // namespace tributary::flow
