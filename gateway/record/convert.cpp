#include "gateway/record/convert.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/currency.hpp"
#include "gateway/record/issue_text.hpp"

namespace tributary::record {

namespace {

bool one_of(Type type, std::initializer_list<Type> types) {
    return std::ranges::find(types, type) != types.end();
}

// The first option that this type does not know, or empty.
std::string_view foreign_option(Type type, const Options& o) {
    const bool timed = one_of(type, {Type::timestamp, Type::date, Type::partial_date});
    const bool numeric = one_of(type, {Type::money, Type::decimal, Type::integer});
    if (!o.as.empty() && o.as != name_of(type)) return "as";
    if (!o.format.empty() && !timed) return "format";
    if (!o.zone.empty() && !timed) return "zone";
    if (!o.currency.empty() && type != Type::money) return "currency";
    if (o.minor && type != Type::money) return "minor";
    if (o.rounding != Rounding::refuse && !one_of(type, {Type::money, Type::decimal})) return "rounding";
    if (o.decimal_mark != '.' && !numeric) return "decimal_mark";
    if (!o.region.empty() && type != Type::phone) return "region";
    if (!o.label.empty() && !one_of(type, {Type::phone, Type::email})) return "label";
    if (o.strict && type != Type::phone) return "strict";
    if (o.truncate && !one_of(type, {Type::text, Type::region})) return "truncate";
    return {};
}

Result<void> check(const Field& field, const Options& options) {
    const auto type = std::string(name_of(field.type));
    if (field.type == Type::object)
        return fail(Fault::bad_config, "an object cannot be converted as a whole: map its members", field.path);
    if (const auto option = foreign_option(field.type, options); !option.empty()) {
        if (option == "as")
            return fail(Fault::bad_config, "the field is of type " + type + ", not " + options.as, field.path);
        return fail(Fault::bad_config, "type " + type + " has no option " + std::string(option), field.path);
    }
    if (!options.currency.empty() && !find_currency(options.currency))
        return fail(Fault::bad_config, "currency is not an ISO 4217 code", field.path);
    if (!options.region.empty() && find_country(options.region) != options.region)
        return fail(Fault::bad_config, "region is not an ISO 3166-1 alpha-2 code in capitals", field.path);
    if (options.decimal_mark != '.' && options.decimal_mark != ',')
        return fail(Fault::bad_config, "decimal_mark is . or ,", field.path);
    if (field.type == Type::reference && field.target.empty())
        return fail(Fault::bad_config, "this reference may point at any entity: write it with link", field.path);
    return {};
}

// The value says "no value".
bool is_empty(value::Node in, const Options& options) {
    switch (in.kind()) {
        case value::Kind::missing:
        case value::Kind::null:
            return true;
        case value::Kind::boolean:
            return options.false_is_empty && !in.boolean();
        case value::Kind::text: {
            const auto text = trimmed(in.text());
            return text.empty() ||
                   (!options.empty.empty() && std::ranges::find(options.empty, text) != options.empty.end());
        }
        case value::Kind::integer:
        case value::Kind::decimal:
            return !options.empty.empty() && std::ranges::find(options.empty, in.scalar_text()) != options.empty.end();
        default:
            return false;
    }
}

Conversion dispatch(const ConvertJob& job, value::Node in) {
    switch (job.plan.field->type) {
        case Type::text:
        case Type::region:
            return convert_text(job, in);
        case Type::timestamp:
            return convert_timestamp(job, in);
        case Type::date:
            return convert_date(job, in);
        case Type::partial_date:
            return convert_partial_date(job, in);
        case Type::money:
            return convert_money(job, in);
        case Type::decimal:
            return convert_decimal(job, in);
        case Type::phone:
            return convert_phone(job, in);
        case Type::email:
            return convert_email(job, in);
        case Type::boolean:
            return convert_boolean(job, in);
        case Type::integer:
            return convert_integer(job, in);
        case Type::reference:
            return convert_reference(job, in);
        case Type::map:
            return convert_map(job, in);
        case Type::object:
            return job.invalid("kind_mismatch");  // compile() has refused it
        default:
            return convert_code(job, in);
    }
}

}  // namespace

struct Converter::Impl : ConvertPlan {};

std::vector<std::string> Options::names() {
    return {"as",     "format", "zone",   "currency", "minor",          "rounding", "decimal_mark",
            "region", "label",  "strict", "truncate", "false_is_empty", "empty"};
}

Conversion ConvertJob::note(std::string_view code, Conversion result) const {
    issue.path.clear();
    issue.code.assign(code);
    issue.message.assign(issue_text(code));
    return result;
}

Converter::Converter(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Converter::~Converter() = default;
Converter::Converter(Converter&&) noexcept = default;
Converter& Converter::operator=(Converter&&) noexcept = default;

Result<Converter> Converter::compile(const Field& field, const Options& options) {
    CHECK_OK(check(field, options));
    auto impl = std::make_unique<Impl>();
    impl->field = &field;
    impl->options = options;
    impl->widened = !options.as.empty();
    if (field.type == Type::phone) impl->phones.emplace();
    const bool whole_days = field.type == Type::date || (field.type == Type::partial_date && !options.format.empty());
    if (field.type == Type::timestamp || whole_days) {
        const auto format = options.format.empty() && whole_days ? "date" : options.format;
        const auto zone = options.zone.empty() && whole_days ? "UTC" : options.zone;
        auto time = TimestampFormat::compile(format, zone);
        if (!time) return pass(std::move(time), field.path);
        impl->time = std::move(*time);
    }
    return Converter(std::move(impl));
}

Conversion Converter::convert(value::Node in, value::Builder& out, Issue& issue, const Context& context) const {
    if (is_empty(in, impl_->options)) return Conversion::absent;
    return dispatch({*impl_, context, out, issue, false}, in);
}

Conversion Converter::convert_members(value::Node in, value::Builder& out, Issue& issue, const Context& context) const {
    if (is_empty(in, impl_->options)) return Conversion::absent;
    return dispatch({*impl_, context, out, issue, true}, in);
}

const Field& Converter::field() const {
    return *impl_->field;
}

}  // namespace tributary::record
