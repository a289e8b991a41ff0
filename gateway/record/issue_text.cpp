#include "gateway/record/issue_text.hpp"

#include <algorithm>

namespace tributary::record {

namespace {

struct Entry {
    std::string_view code, text;
};

constexpr Entry kTexts[] = {
    {"ambiguous_time", "the clocks of the zone showed this time twice; the earlier one was taken"},
    {"boolean_invalid", "expected true or false; with as: boolean also 0, 1, yes, no, on, off"},
    {"controls_removed", "control characters were removed"},
    {"country_invalid", "expected an ISO 3166-1 alpha-2 code; with as: country also alpha-3 and English names"},
    {"currency_mismatch", "the amounts of one record must have one currency"},
    {"currency_missing", "an amount needs a currency: give it in the mapping or from the record"},
    {"currency_unknown", "expected an ISO 4217 currency code"},
    {"date_has_time", "a time of day that is not midnight does not fit a date; map it as a timestamp"},
    {"date_invalid", "expected a date in the declared format"},
    {"decimal_invalid", "expected a decimal number in plain digits with the declared decimal mark"},
    {"decimal_overflow", "a decimal has at most 18 digits before the point"},
    {"decimal_precision", "a decimal has at most 6 digits behind the point; declare rounding to shorten it"},
    {"email_domain", "the domain of the address is not a valid one"},
    {"email_invalid", "expected one bare e-mail address such as name@host.example"},
    {"email_too_long", "an address has at most 64 characters before the @ and 254 in all"},
    {"end_before_start", "the end is before the start"},
    {"enum_unknown", "not one of the field's values; use lookup for the source's words"},
    {"gtin_invalid", "expected a GTIN of 8, 12, 13 or 14 digits with a right check digit"},
    {"integer_invalid", "expected a whole number"},
    {"integer_overflow", "the number does not fit 64 bits"},
    {"kind_mismatch", "the value is of another kind than the field"},
    {"lang_invalid", "expected a language tag (BCP 47) such as de or zh-Hans-CN"},
    {"map_too_long", "the map is longer than the field allows"},
    {"money_invalid", "expected an amount in plain digits with the declared decimal mark"},
    {"money_overflow", "the amount does not fit 64 bits of minor units"},
    {"money_precision", "the amount has more decimals than its currency; declare rounding or minor: true"},
    {"not_canonical", "the value is not in the canonical form of its type"},
    {"pan_detected", "a card or account number must not be kept; map only brand and last4"},
    {"partial_date_invalid", "expected YYYY, YYYY-MM, YYYY-MM-DD or --MM-DD"},
    {"phone_invalid", "the number cannot be read; give a region for national numbers"},
    {"range", "the number is outside the range of this field"},
    {"reference_invalid", "expected an external id as text or integer, of at most 255 bytes"},
    {"required", "the field is required and has no value"},
    {"required_any", "at least one of the fields that identify the record must have a value"},
    {"resident_id_invalid", "expected a resident id of 18 characters with a right check digit (GB 11643)"},
    {"text_invalid", "expected text; with as: text also numbers and booleans"},
    {"text_too_long", "the text is longer than the field allows"},
    {"timestamp_invalid", "expected a time in the declared format"},
    {"timestamp_no_zone", "a time without an offset needs a declared zone"},
    {"timestamp_nonexistent", "the clocks of the declared zone skip this time"},
    {"too_many_items", "the list has more items than the field allows"},
    {"total_mismatch", "lines - discount + shipping + tax is not the total"},
    {"truncated", "the text was cut to the field's length"},
    {"tz_invalid", "expected an IANA time zone such as Europe/Berlin"},
    {"uid_invalid", "expected a UUID of 36 characters"},
    {"unknown_field", "the model has no such field; use ext or declare a custom field"},
    {"url_invalid", "expected an absolute http or https URL without user name"},
    {"uscc_invalid", "expected a unified social credit code of 18 characters (GB 32100)"},
};
static_assert(std::ranges::is_sorted(kTexts, {}, &Entry::code));

}  // namespace

std::string_view issue_text(std::string_view code) {
    const auto found = std::ranges::lower_bound(kTexts, code, {}, &Entry::code);
    return found != std::end(kTexts) && found->code == code ? found->text
                                                            : std::string_view("the value does not fit the field");
}

Issue make_issue(std::string_view code, std::string path) {
    return {std::move(path), std::string(code), std::string(issue_text(code))};
}

}  // namespace tributary::record
