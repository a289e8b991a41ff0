#include "gateway/record/phone.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <mutex>
#include <unordered_map>

namespace tributary::record {

namespace {

constexpr std::size_t kLongest = 64;  // of a text that can be a number with its extension

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The digits of a text that holds nothing but digits and single separators; empty when it holds anything else.
std::string_view plain_digits(std::string_view text, char (&buffer)[16]) {
    std::size_t size = 0;
    for (const char c : text) {
        if (is_digit(c)) {
            if (size == 15) return {};
            buffer[size++] = c;
        } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
            return {};
        }
    }
    return {buffer, size};
}

// Number plans that tell by digits alone: NANP numbers and the mobiles of some large countries.
bool is_nanp(std::string_view national) {
    return national.size() == 10 && national[0] >= '2' && national[3] >= '2' &&
           !(national[1] == '1' && national[2] == '1');
}
bool is_chinese_mobile(std::string_view national) {
    return national.size() == 11 && national[0] == '1' && national[1] >= '3';
}

struct MobilePlan {
    std::string_view prefix;  // calling code and first digit(s)
    std::size_t least, most;  // digits in all
    std::string_view region;
};
constexpr MobilePlan kMobiles[] = {{"4915", 12, 13, "DE"}, {"4916", 12, 13, "DE"}, {"4917", 12, 13, "DE"},
                                   {"336", 11, 11, "FR"},  {"337", 11, 11, "FR"},  {"346", 11, 11, "ES"},
                                   {"6281", 11, 14, "ID"}};

bool plain_international(std::string_view digits, Phone& out) {
    if (digits.size() == 11 && digits[0] == '1') {
        if (!is_nanp(digits.substr(1))) return false;
        out.type.clear();  // NANP mobiles look like landlines
        out.region.clear();
        return true;
    }
    if (digits.starts_with("86") && is_chinese_mobile(digits.substr(2))) {
        out.type = "mobile";
        out.region = "CN";
        return true;
    }
    for (const auto& plan : kMobiles) {
        if (!digits.starts_with(plan.prefix) || digits.size() < plan.least || digits.size() > plan.most) continue;
        out.type = "mobile";
        out.region = plan.region;
        return true;
    }
    return false;
}

std::optional<Phone> ask_library(std::string_view text, std::string_view region) {
    using i18n::phonenumbers::PhoneNumber;
    using i18n::phonenumbers::PhoneNumberUtil;
    const auto& library = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    const std::string country(region.empty() ? "ZZ" : region);
    if (library.Parse(std::string(text), country, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
    if (!library.IsPossibleNumber(number)) return std::nullopt;
    Phone phone;
    library.Format(number, PhoneNumberUtil::E164, &phone.e164);
    if (!is_e164(phone.e164)) return std::nullopt;
    phone.ext = number.has_extension() ? number.extension() : "";
    library.GetRegionCodeForNumber(number, &phone.region);
    if (phone.region.size() != 2 || phone.region == "ZZ") phone.region.clear();
    if (number.country_code() == 1) phone.region.clear();  // as the short way has it: one plan, many countries
    switch (library.GetNumberType(number)) {
        case PhoneNumberUtil::MOBILE:
            phone.type = "mobile";
            break;
        case PhoneNumberUtil::FIXED_LINE:
            phone.type = "landline";
            break;
        default:
            break;
    }
    if (number.country_code() == 1) phone.type.clear();
    return phone;
}

}  // namespace

bool is_e164(std::string_view text) {
    if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
    for (const char c : text.substr(1))
        if (!is_digit(c)) return false;
    return true;
}

bool read_plain_phone(std::string_view text, std::string_view region, Phone& out) {
    char buffer[16];
    const bool international = text.starts_with('+');
    auto digits = plain_digits(international ? text.substr(1) : text, buffer);
    if (digits.empty()) return false;
    std::string_view code;
    if (!international) {
        if (region == "CN" && is_chinese_mobile(digits))
            code = "86";
        else if ((region == "US" || region == "CA") && is_nanp(digits))
            code = "1";
        else
            return false;
    }
    char whole[19];
    code.copy(whole, code.size());
    digits.copy(whole + code.size(), digits.size());
    const std::string_view number(whole, code.size() + digits.size());
    if (!plain_international(number, out)) return false;
    out.e164.assign(1, '+');
    out.e164 += number;
    out.ext.clear();
    return true;
}

struct PhoneReader::Impl {
    explicit Impl(std::size_t most) : half(most / 2 + 1) {}

    // Two generations: a full new one becomes the old one, and the old one goes.
    std::mutex mutex;
    std::unordered_map<std::string, std::optional<Phone>> fresh, old;
    std::size_t half;

    void remember(std::string key, const std::optional<Phone>& phone) {
        const std::lock_guard lock(mutex);
        if (fresh.size() >= half) {
            old = std::move(fresh);
            fresh.clear();
        }
        fresh.insert_or_assign(std::move(key), phone);
    }

    bool recall(const std::string& key, std::optional<Phone>& phone) {
        const std::lock_guard lock(mutex);
        for (auto* generation : {&fresh, &old}) {
            const auto found = generation->find(key);
            if (found == generation->end()) continue;
            phone = found->second;
            return true;
        }
        return false;
    }
};

PhoneReader::PhoneReader(std::size_t remembered) : impl_(std::make_unique<Impl>(remembered)) {}
PhoneReader::~PhoneReader() = default;
PhoneReader::PhoneReader(PhoneReader&&) noexcept = default;
PhoneReader& PhoneReader::operator=(PhoneReader&&) noexcept = default;

std::optional<Phone> PhoneReader::read(std::string_view text, std::string_view region) const {
    if (text.size() > kLongest) return std::nullopt;
    if (Phone phone; read_plain_phone(text, region, phone)) return phone;
    std::string key(region);
    key += '\n';
    key += text;
    std::optional<Phone> phone;
    if (impl_->recall(key, phone)) return phone;
    phone = ask_library(text, region);
    impl_->remember(std::move(key), phone);
    return phone;
}

}  // namespace tributary::record
