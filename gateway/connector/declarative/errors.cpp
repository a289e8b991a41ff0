#include "gateway/connector/declarative/errors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/net/status_fault.hpp"

namespace tributary::connector {
namespace {

Error from_rule(const ErrorRule& rule, const Answer& answer) {
    auto what = rule.message.empty() ? std::string("the other side refused the request") : rule.message;
    const auto code = machine_code(answer.root(), rule.code);
    what += code ? fmt::format(" (HTTP {}, {})", answer.status, *code) : fmt::format(" (HTTP {})", answer.status);
    return {*rule.means.fault, std::move(what), {}, rule.wait};
}

}  // namespace

std::optional<std::string> machine_code(value::Node from, const std::string& path) {
    if (path.empty()) return std::nullopt;
    const auto node = find_in(from, path);
    auto text = node.scalar_text();
    const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; };
    if (text.empty() || text.size() > 64 || !std::ranges::all_of(text, plain)) return std::nullopt;
    return text;
}

std::optional<Milliseconds> wait_hint(const Answer& answer, const std::vector<ThrottleHint>& hints, Timestamp now) {
    const auto server_now = net::server_now(answer.headers, now);
    for (const auto& hint : hints) {
        const auto text = hint.text(answer);
        if (!text) continue;
        if (auto wait = net::parse_reset(*text, hint.unit, server_now)) return wait;
    }
    return net::retry_after(answer.headers, now);
}

std::optional<Error> judge(const Answer& answer, const ErrorRules& rules, Timestamp now) {
    std::optional<Error> error;
    const auto rule = std::ranges::find_if(rules.rules, [&](const ErrorRule& each) { return each.when.holds(answer); });
    if (rule != rules.rules.end()) {
        if (!rule->means.fault) return std::nullopt;
        error = from_rule(*rule, answer);
    } else if (const auto fault = net::fault_of_status(answer.status)) {
        error = Error{*fault, fmt::format("the other side answered with HTTP {}", answer.status)};
    } else if (answer.unreadable) {
        return Error{Fault::transient, fmt::format("the answer (HTTP {}) is not JSON", answer.status)};
    }
    if (!error) return std::nullopt;
    if (error->fault == Fault::rate_limited || error->fault == Fault::transient) {
        // The longer of the two: a hint may only delay.
        const auto hint = wait_hint(answer, rules.throttle, now);
        if (hint && (!error->retry_after || *hint > *error->retry_after)) error->retry_after = hint;
    }
    return error;
}

bool excused(const Answer& answer, const ErrorRules& rules) {
    const auto rule = std::ranges::find_if(rules.rules, [&](const ErrorRule& each) { return each.when.holds(answer); });
    return rule != rules.rules.end() && !rule->means.fault;
}

const spec::Type<ErrorRule>& describe(spec::Tag<ErrorRule>) {
    using Meaning = ErrorRule::Meaning;
    static const auto fault =
        spec::choice<Meaning>("fault", {{"none", Meaning{}, "no error, there is just nothing"},
                                        {"bad_input", Meaning{Fault::bad_input}, "this record is wrong"},
                                        {"bad_config", Meaning{Fault::bad_config}, "the operator must act"},
                                        {"unauthorized", Meaning{Fault::unauthorized}, "log in again once, then pause"},
                                        {"rate_limited", Meaning{Fault::rate_limited}, "wait as told"},
                                        {"transient", Meaning{Fault::transient}, "try again later"},
                                        {"conflict", Meaning{Fault::conflict}, "read again, then try again"},
                                        {"refused", Meaning{Fault::refused}, "policy says no"},
                                        {"not_found", Meaning{Fault::not_found}, "it is not there"}});
    static const auto type =
        spec::Object<ErrorRule>("error_rule", "what an answer means, before the table of statuses is asked")
            .field("when", &ErrorRule::when, {.summary = "which answers"})
            .field("fault", &ErrorRule::means, fault, {.summary = "what the engine does about it"})
            .field("message", &ErrorRule::message, {.summary = "what people read", .required = false})
            .field("code", &ErrorRule::code, {.summary = "body path of a machine code to show", .required = false})
            .field("wait", &ErrorRule::wait, {.summary = "wait at least this long", .required = false})
            .type();
    return type;
}

const spec::Type<ThrottleHint>& describe(spec::Tag<ThrottleHint>) {
    using Unit = net::ResetUnit;
    static const auto unit =
        spec::choice<Unit>("reset_unit", {{"seconds", Unit::seconds, "to go, fractions allowed"},
                                          {"milliseconds", Unit::milliseconds, "to go"},
                                          {"minutes", Unit::minutes, "to go"},
                                          {"epoch_seconds", Unit::epoch_seconds},
                                          {"epoch_milliseconds", Unit::epoch_milliseconds},
                                          {"timestamp", Unit::timestamp, "RFC 3339 or HTTP date"}});
    static const auto type = [] {
        spec::Object<ThrottleHint> object("throttle_hint", "where a throttled answer says how long to wait");
        add_figure_fields(object);
        object.field("unit", &ThrottleHint::unit, unit, {.summary = "what the value counts", .fallback = "seconds"});
        return object.type();
    }();
    return type;
}

}  // namespace tributary::connector
