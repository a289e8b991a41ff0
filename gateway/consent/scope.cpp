#include "gateway/consent/scope.hpp"

namespace tributary::consent {
namespace {

bool same_point(const ContactPoint* a, const ContactPoint* b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

bool covers(const Scope& wide, const Scope& narrow) {
    return (wide.channel == Channel::any || wide.channel == narrow.channel) &&
           (!wide.contact_point || same_point(wide.contact_point, narrow.contact_point)) &&
           (wide.brand.empty() || wide.brand == narrow.brand);
}

bool overlap(const Scope& a, const Scope& b) {
    return (a.channel == Channel::any || b.channel == Channel::any || a.channel == b.channel) &&
           (!a.contact_point || !b.contact_point || same_point(a.contact_point, b.contact_point)) &&
           (a.brand.empty() || b.brand.empty() || a.brand == b.brand);
}

Scope meet(const Scope& a, const Scope& b) {
    return {b.purpose, a.channel == Channel::any ? b.channel : a.channel,
            a.contact_point ? a.contact_point : b.contact_point, a.brand.empty() ? b.brand : a.brand};
}

bool same(const Scope& a, const Scope& b) {
    return a.purpose == b.purpose && covers(a, b) && covers(b, a);
}

}  // namespace tributary::consent
