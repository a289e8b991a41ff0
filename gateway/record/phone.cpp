#include "gateway/record/phone.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <mutex>
#include <unordered_map>

#include "gateway/base/ascii.hpp"
#include "gateway/record/phone_plans.hpp"

namespace tributary::record {

namespace {

constexpr std::size_t kLongest = 64;  // of a text that can be a number with its extension

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

bool is_nanp(std::string_view national) {
    return national.size() == 10 && national[0] >= '2' && national[3] >= '2' &&
           !(national[1] == '1' && national[2] == '1');
}

bool write_plain(std::string_view code, std::string_view national, PhoneKind kind, std::string_view region,
                 Phone& out) {
    out.e164.assign(1, '+').append(code).append(national);
    out.ext.clear();
    out.type = kind == PhoneKind::mobile ? "mobile" : kind == PhoneKind::landline ? "landline" : "";
    out.region = region;
    return true;
}

bool write_planned(const NumberPlan* plan, std::string_view national, Phone& out) {
    if (!plan) return false;
    const auto kind = kind_of(*plan, national);
    return kind != PhoneKind::unknown && write_plain(plan->code, national, kind, plan->region, out);
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
    const auto digits = plain_digits(international ? text.substr(1) : text, buffer);
    if (digits.empty()) return false;
    // NANP mobiles look like landlines, and its regions share the code.
    if (international) {
        if (digits[0] == '1')
            return is_nanp(digits.substr(1)) && write_plain("1", digits.substr(1), PhoneKind::unknown, {}, out);
        const auto* plan = plan_of_number(digits);
        return plan && write_planned(plan, digits.substr(plan->code.size()), out);
    }
    if (region == "US" || region == "CA")
        return is_nanp(digits) && write_plain("1", digits, PhoneKind::unknown, {}, out);
    const auto* plan = plan_of_region(region);
    if (region == "CN" && write_planned(plan, digits, out)) return out.type == "mobile";  // they have no trunk prefix
    if (!plan || plan->trunk == 0) return write_planned(plan, digits, out);
    return digits[0] == plan->trunk && write_planned(plan, digits.substr(1), out);
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
