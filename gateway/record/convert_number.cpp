#include <charconv>
#include <optional>

#include "gateway/base/text.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/decimal.hpp"
#include "gateway/record/money.hpp"

namespace tributary::record {

namespace {

struct Digits {
    std::string_view text;
    char mark = '.';  // JSON numbers and self-describing decimals have the point, whatever is declared for texts
};

// The number that a value shows; empty text when it shows none.
Digits digits_of(value::Node in, char mark, char (&buffer)[24]) {
    switch (in.kind()) {
        case value::Kind::text:
            return {trimmed(in.text()), mark};
        case value::Kind::decimal:
            return {in.text()};
        case value::Kind::integer: {
            const auto end = std::to_chars(buffer, buffer + sizeof buffer, in.integer()).ptr;
            return {{buffer, static_cast<std::size_t>(end - buffer)}};
        }
        case value::Kind::object:
            if (in.find("__class__").text() == "Decimal") return {in.find("decimal").text()};
            return {};
        default:
            return {};
    }
}

bool is_word(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const auto word : words)
        if (equal_ignoring_case(text, word)) return true;
    return false;
}

}  // namespace

Conversion convert_boolean(const ConvertJob& job, value::Node in) {
    auto written = [&](bool value) {
        job.out.boolean(value);
        return Conversion::written;
    };
    const bool widened = job.plan.widened;
    if (in.is(value::Kind::boolean)) return written(in.boolean());
    if (in.is(value::Kind::integer) && widened && (in.integer() == 0 || in.integer() == 1))
        return written(in.integer() == 1);
    if (!in.is(value::Kind::text)) return job.invalid("boolean_invalid");
    const auto text = trimmed(in.text());
    if (is_word(text, {"true"}) || (widened && is_word(text, {"1", "yes", "y", "on", "t"}))) return written(true);
    if (is_word(text, {"false"}) || (widened && is_word(text, {"0", "no", "n", "off", "f"}))) return written(false);
    return job.invalid("boolean_invalid");
}

Conversion convert_integer(const ConvertJob& job, value::Node in) {
    const std::optional<std::int64_t> whole =
        in.is(value::Kind::integer) ? in.integer() : to_integer(trimmed(in.text()));
    if (whole) {
        job.out.integer(*whole);
        return Conversion::written;
    }
    char buffer[24];
    const auto [text, mark] = digits_of(in, job.options().decimal_mark, buffer);
    auto number = parse_decimal(text, mark);
    if (number) number = rescale(*number, 0, Rounding::refuse);
    if (!number) return job.invalid(number.error() == "decimal_overflow" ? "integer_overflow" : "integer_invalid");
    job.out.integer(static_cast<std::int64_t>(number->units));  // at most 18 digits
    return Conversion::written;
}

Conversion convert_decimal(const ConvertJob& job, value::Node in) {
    constexpr int kDecimals = 6;
    char buffer[24];
    const auto [text, mark] = digits_of(in, job.options().decimal_mark, buffer);
    auto number = parse_decimal(text, mark);
    if (number && number->scale > kDecimals) number = rescale(*number, kDecimals, job.options().rounding);
    if (!number) return job.invalid(number.error());
    return job.written(decimal_text(*number));
}

Conversion convert_money(const ConvertJob& job, value::Node in) {
    const auto& options = job.options();
    const auto currency =
        job.context.currency.empty() ? std::string_view(options.currency) : trimmed(job.context.currency);
    if (currency.empty()) return job.invalid("currency_missing");
    char buffer[24];
    const auto [text, mark] = digits_of(in, options.decimal_mark, buffer);
    auto number = parse_decimal(text, mark);
    if (!number) return job.invalid(number.error() == "decimal_overflow" ? "money_overflow" : "money_invalid");
    auto money = to_money(options.minor ? Decimal{0, 0} : *number, currency, options.rounding);
    if (money && options.minor) {
        const auto minor = rescale(*number, 0, options.rounding);
        if (!minor) return job.invalid(minor.error() == "decimal_precision" ? "money_precision" : "money_overflow");
        money->minor = static_cast<std::int64_t>(minor->units);  // at most 18 digits
    }
    if (!money) return job.invalid(money.error());
    job.begin();
    job.out.key("minor").integer(money->minor);
    job.out.key("currency").text(money->currency);
    job.end();
    return Conversion::written;
}

}  // namespace tributary::record
