// Phone numbers to E.164. Plain forms of known number plans take a short way without a library; the rest goes to
// libphonenumber, remembered in a bounded cache. A number counts as readable when its length is possible in its
// country: number plans grow faster than the library's tables. Personal: nothing here is logged.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tributary::record {

struct Phone {
    std::string e164;    // "+4930123456"
    std::string ext;     // extension, digits
    std::string type;    // "mobile", "landline" when the number tells, else empty
    std::string region;  // alpha-2 of the number's country when it is one country's
};

// Safe from several threads.
class PhoneReader {
  public:
    // `remembered` results are kept; when full, the oldest half goes.
    explicit PhoneReader(std::size_t remembered = 16384);
    ~PhoneReader();
    PhoneReader(PhoneReader&&) noexcept;
    PhoneReader& operator=(PhoneReader&&) noexcept;

    // `region`: alpha-2 for national numbers, empty when only international forms may be read.
    std::optional<Phone> read(std::string_view text, std::string_view region) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The short way alone: digits and separators of a number whose plan is known, see phone_plans.hpp. False does not mean
// wrong.
bool read_plain_phone(std::string_view text, std::string_view region, Phone& out);
// '+' and 7 to 15 digits, none of them a leading zero.
bool is_e164(std::string_view text);

}  // namespace tributary::record
