// Any text as phone, e-mail, amount, language, URL and free text: never a crash, and what comes out is canonical.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/record/check_digits.hpp"
#include "gateway/record/codes.hpp"
#include "gateway/record/decimal.hpp"
#include "gateway/record/email.hpp"
#include "gateway/record/money.hpp"
#include "gateway/record/phone.hpp"
#include "gateway/record/text.hpp"
#include "gateway/value/utf8.hpp"

using namespace tributary::record;

namespace {

void require(bool fine) {
    if (!fine) std::abort();
}

void try_contact_points(std::string_view text) {
    static const PhoneReader reader(64);
    for (const std::string_view region : {"", "DE", "CN", "US"})
        if (const auto phone = reader.read(text, region)) require(is_e164(phone->e164));
    if (const auto email = parse_email(text)) {
        require(email->address.size() <= 254);
        const auto again = parse_email(email->address);  // an address stays itself
        require(again && again->address == email->address && again->norm == email->norm);
    }
}

void try_numbers(std::string_view text) {
    for (const char mark : {'.', ','}) {
        const auto number = parse_decimal(text, mark);
        if (!number) continue;
        if (const auto short_form = rescale(*number, 6, Rounding::half_even))
            require(is_decimal(decimal_text(*short_form)));
        if (const auto money = to_money(*number, "EUR", Rounding::half_even)) {
            const auto again = parse_money(money_text(money->minor, "EUR"), "EUR");
            require(again && again->minor == money->minor);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!tributary::value::valid_utf8(text)) return 0;  // no Document holds it
    try_contact_points(text);
    try_numbers(text);
    std::string scratch, again;
    const auto clean = clean_text(text, scratch);
    require(clean_text(clean.text, again).text == clean.text);
    require(length(first(text, 5)) <= 5);
    if (const auto tag = parse_language(text)) require(parse_language(*tag) == tag);
    (void)is_web_url(text);
    (void)contains_card_number(text);
    (void)contains_iban(text);
    (void)is_uscc(text);
    (void)is_resident_id(text);
    (void)fold_key(text);
    return 0;
}
