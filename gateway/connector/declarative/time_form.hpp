// TimeForm: how a platform writes moments, both ways. Fractions finer than a millisecond are cut, never rounded up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/spec/scalar.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

struct TimeForm {
    enum class Kind {
        rfc3339,     // 2026-01-05T10:00:00Z; read with any offset
        rfc3339_ms,  // 2026-01-05T10:00:00.250Z
        unix_seconds,
        unix_ms,
        odata_v2,  // /Date(1492041600000)/
        tagged,    // {"__class__": "datetime", "year": 2026, ... "microsecond": 0}, UTC (Tryton)
        pattern,   // %Y %m %d %H %M %S %f (fraction) in `text`, UTC unless `offset` says otherwise
        integer,   // no time at all: a number that grows
        text,      // no time at all: text that sorts
    };
    Kind kind = Kind::rfc3339;
    std::string pattern;
    Milliseconds offset{0};  // of the source's wall clock from UTC, for patterns

    bool is_time() const { return kind != Kind::integer && kind != Kind::text; }
    // nullopt: not in this form. REQUIRES: is_time().
    std::optional<Timestamp> read(value::Node node) const;
    // REQUIRES: is_time().
    value::Document write(Timestamp at) const;

    // "rfc3339", "unix", ..., or a pattern, which holds a %.
    static Result<TimeForm> named(std::string_view name);
};
const spec::Type<TimeForm>& describe(spec::Tag<TimeForm>);

// 2026-01-05T10:00:00.250Z: the canonical form of our own cursors.
std::string to_rfc3339(Timestamp at);

}  // namespace tributary::connector
