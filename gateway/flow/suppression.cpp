#include "gateway/flow/suppression.hpp"

#include <algorithm>

#include "gateway/flow/consent_intake.hpp"

namespace tributary::flow {
namespace {

store::Digest key_of(const World& world, std::string_view kind, std::string_view normal) {
    return world.suppression_index.of(kind, normal);
}

std::vector<store::Digest> keys_of(const World& world, consent::Channel channel, value::Node contact) {
    using consent::Channel;
    bool by_phone = channel == Channel::sms || channel == Channel::mms || channel == Channel::phone;
    std::vector<store::Digest> keys;
    // A mapping may take any of them, so each counts.
    if (!by_phone)
        for (auto email : contact.find("emails"))
            if (auto norm = email.find("norm")) keys.push_back(key_of(world, "email", norm.text()));
    if (channel != Channel::email)
        for (auto phone : contact.find("phones"))
            if (auto e164 = phone.find("e164")) keys.push_back(key_of(world, "phone", e164.text()));
    return keys;
}

bool suppresses(const World& world, const consent::ConsentEvent& event) {
    using consent::State;
    if (event.state == State::invalidated) return true;
    if (event.state != State::withdrawn && event.state != State::refused && event.state != State::revoked) return false;
    const auto* purpose = world.purposes.find(event.purpose);
    return purpose && purpose->direct_marketing;
}

}  // namespace

std::optional<store::Suppression> suppression_of(const World& world, const consent::ConsentEvent& event,
                                                 std::string_view kind, std::string_view value) {
    if (!suppresses(world, event)) return std::nullopt;
    // A sender's clock that runs ahead must not hold off the subject's next word.
    auto at = std::min(event.event_time, event.received_at);
    return store::Suppression{key_of(world, kind, normal_contact_point(kind, value)),
                              std::string(consent::name_of(event.state)), at};
}

Result<std::vector<store::Suppression>> suppressions_of(World& world, consent::Channel channel, value::Node contact) {
    std::vector<store::Suppression> out;
    auto keys = keys_of(world, channel, contact);
    if (keys.empty()) return out;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto found, session.suppressions().find(keys));
        for (auto& one : found)
            if (one) out.push_back(std::move(*one));
        return {};
    }));
    return out;
}

}  // namespace tributary::flow
