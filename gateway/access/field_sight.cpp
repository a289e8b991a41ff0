#include "gateway/access/field_sight.hpp"

namespace tributary::access {

record::Sights sights_of(const Caller& caller) {
    using enum record::DataClass;
    using enum record::Sight;
    const auto may = [&](Permission permission) { return check_permission(caller, permission).has_value(); };
    record::Sights sights;
    if (!may(Permission::customer_read) && !may(Permission::queue_read)) return sights;
    sights.of(p0_public) = shown;
    sights.of(p1_internal) = may(Permission::internal_read) ? shown : masked;
    const bool personal = may(Permission::personal_read);
    sights.of(p2_personal) = personal ? shown : masked;
    sights.of(p3_sensitive) = personal && may(Permission::sensitive_read) ? shown : hidden;
    return sights;
}

}  // namespace tributary::access
