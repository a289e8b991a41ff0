// Type: the closed list of field types of the canonical model, by the names that YAML uses.
//
// How each one stands in a canonical record:
//   text        text, NFC, trimmed, no control characters but \n and \t
//   timestamp   text, RFC 3339 in UTC with milliseconds: 2026-01-05T09:00:00.000Z
//   date        text, 2026-01-05                partial_date  text, 1980 | 1980-02 | 1980-02-29 | --02-29
//   country     text, ISO 3166-1 alpha-2 or XK  region        text, an ISO 3166-2 code or a name
//   currency    text, ISO 4217                  money         object {minor: integer, currency: text}
//   decimal     text, at most 18 digits before and 6 behind the point, no exponent: "12.5"
//   phone       object {e164?, raw, type?, ext?, region?, verified_at?}; no e164 when the number could not be read
//   email       object {address, norm, type?, verified_at?, bounced_at?}
//   lang        text, BCP 47                    tz            text, IANA zone
//   uid         text, 36 characters             url           text, absolute http(s)
//   boolean, integer                            the JSON kinds; integer is 64 bits
//   enum        text, one of Field::values      gtin          text, 8, 12, 13 or 14 digits with a right check digit
//   resident_id text, GB 11643                  uscc          text, GB 32100
//   reference   object {entity, external_id, connection?} as a source knows it (connection: when it is another one), or
//               {entity, id} where the gateway's own uid is known
//   object      object with declared fields     map           object with free keys and values (`ext`, `options`)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::record {

enum class Type : std::uint8_t {
    text,
    timestamp,
    date,
    partial_date,
    country,
    region,
    currency,
    money,
    decimal,
    phone,
    email,
    lang,
    tz,
    uid,
    url,
    boolean,
    integer,
    enumeration,
    gtin,
    resident_id,
    uscc,
    reference,
    object,
    map,
};

std::string_view name_of(Type type);
std::optional<Type> type_named(std::string_view name);
std::vector<std::string> type_names();

// How far a value may go. P2 and P3 are sealed with their subject's key before they touch anything durable.
enum class DataClass : std::uint8_t { p0_public, p1_internal, p2_personal, p3_sensitive };

std::string_view name_of(DataClass data_class);  // "P0" .. "P3"
std::optional<DataClass> data_class_named(std::string_view name);

}  // namespace tributary::record
