#include "gateway/connector/declarative/budget_rule.hpp"

#include "gateway/base/text.hpp"
#include "gateway/spec/settled.hpp"

namespace tributary::connector {
namespace {

Result<double> read_rate(std::string_view text) {
    const auto slash = text.find('/');
    const auto number = to_integer(text.substr(0, slash));
    if (slash != std::string_view::npos && number && *number > 0) {
        const auto unit = text.substr(slash + 1);
        if (unit == "s") return static_cast<double>(*number);
        if (unit == "m") return static_cast<double>(*number) / 60;
        if (unit == "h") return static_cast<double>(*number) / 3600;
        if (unit == "d") return static_cast<double>(*number) / 86400;
    }
    return fail(Fault::bad_config, "not a rate; write it as 2/s, 100/m or 5000/d");
}

}  // namespace

std::optional<BudgetSignal::Spent> BudgetSignal::read(const Answer& answer) const {
    const auto number = (used ? *used : *left).number(answer), whole = of.number(answer);
    if (!number || !whole || *whole <= 0) return std::nullopt;
    return Spent{used ? *number : *whole - *number, *whole};
}

const spec::Type<BudgetSignal>& describe(spec::Tag<BudgetSignal>) {
    static const auto whole = spec::with_short_form<Figure>(spec::type_of<Figure>(), spec::Yaml::Kind::scalar,
                                                            spec::number(), [](double all) {
                                                                Figure figure;
                                                                figure.fixed = all;
                                                                return figure;
                                                            });
    static const auto type =
        spec::Object<BudgetSignal>("budget_signal", "what answers tell of the server's own count; their ratio counts")
            .field("used", &BudgetSignal::used, {.summary = "how many are used"})
            .field("left", &BudgetSignal::left, {.summary = "or how many are left"})
            .field("of", &BudgetSignal::of, whole, {.summary = "of how many: a number, or where the answer says it"})
            .check([](const BudgetSignal& signal, const spec::Yaml& yaml, spec::Problems& problems) {
                if (signal.used.has_value() == signal.left.has_value())
                    problems.add(yaml.place(), "give either used or left");
            })
            .type();
    return type;
}

const spec::Type<BudgetRule>& describe(spec::Tag<BudgetRule>) {
    struct Written : BudgetRule {
        std::string type;
        std::uint32_t capacity = 1;
        double refill = 1;
    };
    static const auto rate =
        spec::from_text<double>({.name = "rate", .expected = "a rate such as 2/s, 100/m or 5000/d"}, &read_rate);
    static const auto which = spec::one_of("budget_type", {{"bucket", "a token bucket"}});
    static const auto bucket =
        spec::Type<std::string>(which.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) {
            return which.parse(yaml, problems) ? std::optional(yaml.text()) : std::nullopt;
        });
    static const auto written =
        spec::Object<Written>("rate_budget", "how many calls one credential may make")
            .field("type", &Written::type, bucket, {.summary = "kind of budget", .fallback = "bucket"})
            .field("capacity", &Written::capacity, spec::integer<std::uint32_t>(1),
                   {.summary = "calls that may go at once"})
            .field("refill", &Written::refill, rate, {.summary = "how fast calls come back"})
            .field("signals", &Written::signals, spec::one_or_many(spec::type_of<BudgetSignal>()),
                   {.summary = "what answers tell of the server's own count; it only ever lowers what is left",
                    .required = false})
            .type();
    static const auto type = spec::settled<BudgetRule>(written, [](auto& budget, const spec::Yaml&) {
        budget.limits = {.capacity = static_cast<double>(budget.capacity), .refill_per_second = budget.refill};
    });
    return type;
}

}  // namespace tributary::connector
