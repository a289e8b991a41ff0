// Scope: what a consent event speaks about: a purpose, a channel, a contact point, a brand. Each of the last three may
// be open (any channel, every contact point, every brand).
#pragma once

#include <optional>
#include <string_view>

#include "gateway/consent/event.hpp"

namespace tributary::consent {

// Views: lives no longer than the event or question that it was taken from.
struct Scope {
    std::string_view purpose;
    Channel channel = Channel::any;
    const ContactPoint* contact_point = nullptr;
    std::string_view brand;

    static Scope of(const ConsentEvent& event) {
        return {event.purpose, event.channel, event.contact_point ? &*event.contact_point : nullptr, event.brand};
    }
};

// Whether all that `narrow` speaks about is part of `wide`; purposes are not compared.
bool covers(const Scope& wide, const Scope& narrow);
// Whether they speak about something in common; purposes are not compared.
bool overlap(const Scope& a, const Scope& b);
// What both speak about, for the purpose of `b`. REQUIRES: overlap(a, b).
Scope meet(const Scope& a, const Scope& b);
bool same(const Scope& a, const Scope& b);

}  // namespace tributary::consent
