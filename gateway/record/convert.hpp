// Converter: makes a canonical value from a source value, by the field's type and what the mapping declares about the
// source. Nothing is guessed: an input that could mean two things is an issue, unless an option says which.
//
// Threads: convert() is const and safe from several threads; simple cases do not allocate.
// Empty: null, missing, blank text and every Options::empty value are `absent`, for all types.
// Self-describing objects {"__class__": "Decimal" | "datetime" | "date", ...} are read wherever they fit.
//
// What each type takes (text is trimmed first):
//   text         text. With as: text also integer, decimal (digits as written) and boolean.
//   integer      integer; decimal and text when they are whole numbers ("12", "12.0").
//   decimal      integer, decimal, text in plain digits; decimal_mark ',' for "1.234,56" (then '.', ' ' and ' group).
//   money        as decimal, in major units; exact. minor: true: whole numbers of minor units. The currency comes from
//                Options::currency or from Context. More decimals than the currency has: an issue, unless they are
//                zeros or `rounding` is declared. An object {amount|minor, currency} is not taken apart: map its parts.
//   boolean      boolean, text true/false. With as: boolean also 0/1, yes/no, y/n, on/off, t/f.
//   timestamp    see timestamp.hpp for the formats. Without an offset in the value a zone must be declared.
//   date         a calendar day by `format` (default YYYY-MM-DD); a time of day behind it must be midnight.
//   partial_date YYYY, YYYY-MM, YYYY-MM-DD, --MM-DD; or whole dates by `format`.
//   country      alpha-2 in either case. With as: country also alpha-3 and English short names.
//   currency     ISO 4217 code in either case.          lang   BCP 47 shape, '_' for '-' allowed.
//   phone        text, integer; see phone.hpp. An unreadable number is kept as {raw} and `flagged` (strict: invalid).
//   email        an address, see email.hpp.             tz     an IANA id.
//   url          absolute http(s); with as: url a bare host gets https://.
//   enum         one of the field's values, exactly. Use the mapping's lookup for other words.
//   gtin         text or integer digits.                uid, region, resident_id, uscc: text.
//   reference    text or integer: the external id.      map: an object, copied.
//   object       cannot be converted as a whole: map its members.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/record/field.hpp"
#include "gateway/record/issue.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

enum class Rounding : std::uint8_t { refuse, half_even, half_up, down };

// What a mapping may declare about one field. An option that its type does not know is an error of compile().
struct Options {
    std::string as;        // empty, or the name of the field's type: widens what is taken, as the table above says
    std::string format;    // timestamp, date, partial_date
    std::string zone;      // timestamp: IANA id, "UTC" or "+08:00", for values without an offset
    std::string currency;  // money: a fixed code
    bool minor = false;    // money: the source counts minor units
    Rounding rounding = Rounding::refuse;  // money, decimal
    char decimal_mark = '.';               // money, decimal, integer in text
    std::string region;                    // phone: the country of national numbers, alpha-2
    std::string label;                     // phone, email: the value of `type` ("mobile", "work")
    bool strict = false;                   // phone: unreadable is invalid, not flagged
    bool truncate = false;                 // text: too long is cut and flagged, not invalid
    bool false_is_empty = false;           // the source writes false for "no value"
    std::vector<std::string> empty;        // texts that mean "no value": "N/A", "0000-00-00 00:00:00"

    static std::vector<std::string> names();  // as YAML spells them
};

// What only the record knows. Both win over the option of the same name.
struct Context {
    std::string_view currency = {};  // money: an ISO 4217 code from the source, checked here
    std::string_view region = {};    // phone: alpha-2
};

enum class Conversion : std::uint8_t {
    written,  // one value was added to the builder
    absent,   // no value: nothing was added
    flagged,  // one value was added, and the issue is a data-quality note
    invalid,  // nothing was added: the issue says why
};

class Converter {
  public:
    // `field` as a whole element: for a list field this converts one element. Fault::bad_config names the wrong option.
    // The field must outlive the converter.
    static Result<Converter> compile(const Field& field, const Options& options);
    ~Converter();
    Converter(Converter&&) noexcept;
    Converter& operator=(Converter&&) noexcept;

    // Announce the key first. When nothing was added, that key is replaced by the builder's next key().
    // `issue` is written only for flagged and invalid; its path stays empty.
    Conversion convert(value::Node in, value::Builder& out, Issue& issue, const Context& context = {}) const;
    // For money, phone and email inside an object that the caller has begun and will end, to add members beside them
    // ({from: email, type: work, verified_at: ...}). Other types: the same as convert().
    Conversion convert_members(value::Node in, value::Builder& out, Issue& issue, const Context& context = {}) const;

    const Field& field() const;

  private:
    struct Impl;
    explicit Converter(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> impl_;
};

}  // namespace tributary::record
