// Numbers that carry their own check: GTIN, card numbers, IBAN, Chinese resident ids and company codes.
#pragma once

#include <string_view>

namespace tributary::record {

// 8, 12, 13 or 14 digits with a right check digit (GS1).
bool is_gtin(std::string_view digits);
// GB 11643-1999: 18 characters, region 11..91, a date that exists, ISO 7064 MOD 11-2.
bool is_resident_id(std::string_view text);
// GB 32100-2015: 18 characters without I O Z S V, modulus 31.
bool is_uscc(std::string_view text);
bool passes_luhn(std::string_view digits);
// Country, length and MOD 97-10; spaces allowed.
bool is_iban(std::string_view text);

// Whether somewhere in the text stands a card number: 14 to 19 digits in a known issuer's range, single spaces or
// dashes between them, that passes Luhn.
bool contains_card_number(std::string_view text);
// Whether somewhere in the text stands a full IBAN.
bool contains_iban(std::string_view text);

}  // namespace tributary::record
