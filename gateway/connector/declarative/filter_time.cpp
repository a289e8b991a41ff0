// Filters of moments.
#include "gateway/base/duration.hpp"
#include "gateway/connector/declarative/filter_kinds.hpp"
#include "gateway/connector/declarative/time_form.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::connector::filters {

Result<Found> moment_as(const Filter& filter, const std::string& text, value::Document& kept) {
    const auto at = net::parse_rfc3339(text);
    if (!at) return fail(Fault::bad_input, "filter 'time' needs a time in RFC 3339, such as {now}");
    TRY(auto form, TimeForm::named(filter.arguments[0]));
    if (filter.arguments.size() == 2) {
        TRY(const auto zone, record::ZoneRule::find(filter.arguments[1]));
        form.offset = zone.to_local(*at) - *at;
    }
    kept = form.write(*at);
    return Found{kept.root(), std::nullopt};
}

Result<std::string> later(const std::string& text, const std::string& duration) {
    const auto at = net::parse_rfc3339(text);
    TRY(const auto by, parse_duration(duration));
    if (!at) return fail(Fault::bad_input, "filter 'plus' needs a time in RFC 3339, such as {now}");
    return to_rfc3339(*at + by);
}

Result<void> check_time(const Filter& filter) {
    TRY(const auto form, TimeForm::named(filter.arguments[0]));
    if (!form.is_time()) return fail(Fault::bad_config, "filter 'time' needs a time form, such as unix or %Y-%m-%d");
    if (filter.arguments.size() == 1) return {};
    TRY(const auto zone, record::ZoneRule::find(filter.arguments[1]));
    if (form.kind != TimeForm::Kind::pattern || !zone.known())
        return fail(Fault::bad_config, "filter 'time' takes a zone, such as Asia/Shanghai, for a pattern alone");
    return {};
}

}  // namespace tributary::connector::filters
