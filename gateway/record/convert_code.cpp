#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/record/check_digits.hpp"
#include "gateway/record/codes.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/currency.hpp"

namespace tributary::record {

namespace {

Conversion convert_url(const ConvertJob& job, std::string_view text) {
    if (is_web_url(text)) return job.written(text);
    if (!job.plan.widened || text.find(':') != std::string_view::npos || text.find('.') == std::string_view::npos)
        return job.invalid("url_invalid");
    const auto url = "https://" + std::string(text);
    return is_web_url(url) ? job.written(url) : job.invalid("url_invalid");
}

Conversion convert_uid(const ConvertJob& job, std::string_view text) {
    const auto uid = Uid::parse(text);
    return uid ? job.written(uid->text()) : job.invalid("uid_invalid");
}

Conversion convert_enum(const ConvertJob& job, std::string_view text) {
    const auto& values = job.plan.field->values;
    return std::ranges::find(values, text) != values.end() ? job.written(text) : job.invalid("enum_unknown");
}

}  // namespace

Conversion convert_code(const ConvertJob& job, value::Node in) {
    std::string number;
    std::string_view text;
    const auto type = job.plan.field->type;
    if (in.is(value::Kind::text))
        text = trimmed(in.text());
    else if (in.is(value::Kind::integer) && type == Type::gtin)
        text = number = std::to_string(in.integer());
    else
        return job.invalid("kind_mismatch");
    switch (type) {
        case Type::country: {
            const auto code = job.plan.widened ? find_country_named(text) : find_country(text);
            return code ? job.written(*code) : job.invalid("country_invalid");
        }
        case Type::currency: {
            const auto code = find_currency(text);
            return code ? job.written(*code) : job.invalid("currency_unknown");
        }
        case Type::lang: {
            const auto tag = parse_language(text);
            return tag ? job.written(*tag) : job.invalid("lang_invalid");
        }
        case Type::tz:
            return is_time_zone(text) ? job.written(text) : job.invalid("tz_invalid");
        case Type::uid:
            return convert_uid(job, text);
        case Type::url:
            return convert_url(job, text);
        case Type::enumeration:
            return convert_enum(job, text);
        case Type::gtin:
            return is_gtin(text) ? job.written(text) : job.invalid("gtin_invalid");
        case Type::resident_id: {
            const auto upper = upper_ascii(text);
            return is_resident_id(upper) ? job.written(upper) : job.invalid("resident_id_invalid");
        }
        default: {
            const auto upper = upper_ascii(text);
            return is_uscc(upper) ? job.written(upper) : job.invalid("uscc_invalid");
        }
    }
}

}  // namespace tributary::record
