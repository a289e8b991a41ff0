#include "gateway/record/check_value.hpp"

#include <algorithm>

#include "gateway/base/uid.hpp"
#include "gateway/record/check_digits.hpp"
#include "gateway/record/codes.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/currency.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/decimal.hpp"
#include "gateway/record/text.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::record {

namespace {

std::string_view unless(bool fine, std::string_view code) {
    return fine ? std::string_view() : code;
}

bool is_canonical_timestamp(std::string_view text) {
    return text.size() == kTimestampSize && text[10] == 'T' && text[19] == '.' && text[23] == 'Z' &&
           parse_timestamp(text);
}

// The canonical spelling of a code is the one that its table gives back.
bool is_same(std::optional<std::string_view> found, std::string_view text) {
    return found == text;
}

bool in_range(const Field& field, Decimal number) {
    if (!field.range) return true;
    __int128 unit = 1;
    for (int i = 0; i < number.scale; ++i) unit *= 10;
    return number.units >= field.range->first * unit && number.units <= field.range->second * unit;
}

std::string_view check_decimal(const Field& field, std::string_view text) {
    if (!is_decimal(text)) return "decimal_invalid";
    return unless(!field.range || in_range(field, *parse_decimal(text)), "range");
}

std::string_view check_length(const Field& field, std::string_view text) {
    const auto most = field.max_length;
    return unless(most == 0 || text.size() <= most || length(text) <= most, "text_too_long");
}

}  // namespace

std::string_view check_value(const Field& field, value::Node node) {
    if (field.type == Type::boolean) return unless(node.is(value::Kind::boolean), "boolean_invalid");
    if (field.type == Type::integer) {
        if (!node.is(value::Kind::integer)) return "integer_invalid";
        return unless(in_range(field, Decimal{node.integer(), 0}), "range");
    }
    if (!node.is(value::Kind::text)) return "kind_mismatch";
    const auto text = node.text();
    switch (field.type) {
        case Type::text:
        case Type::region:
            return check_length(field, text);
        case Type::timestamp:
            return unless(is_canonical_timestamp(text), "timestamp_invalid");
        case Type::date:
            return unless(is_date(text), "date_invalid");
        case Type::partial_date:
            return unless(parse_partial_date(text).has_value(), "partial_date_invalid");
        case Type::country:
            return unless(is_same(find_country(text), text), "country_invalid");
        case Type::currency:
            return unless(is_same(find_currency(text), text), "currency_unknown");
        case Type::decimal:
            return check_decimal(field, text);
        case Type::lang:
            return unless(parse_language(text) == text, "lang_invalid");
        case Type::tz:
            return unless(is_time_zone(text), "tz_invalid");
        case Type::uid:
            return unless(Uid::parse(text).has_value(), "uid_invalid");
        case Type::url:
            return unless(is_web_url(text), "url_invalid");
        case Type::enumeration:
            return unless(std::ranges::find(field.values, text) != field.values.end(), "enum_unknown");
        case Type::gtin:
            return unless(is_gtin(text), "gtin_invalid");
        case Type::resident_id:
            return unless(is_resident_id(text), "resident_id_invalid");
        case Type::uscc:
            return unless(is_uscc(text), "uscc_invalid");
        default:
            return "kind_mismatch";
    }
}

}  // namespace tributary::record
