#include "gateway/identity/match_keys.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/record/check_digits.hpp"
#include "gateway/record/company_ids.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/phone.hpp"

namespace tributary::identity {

namespace {

using value::Node;

// Capitals and digits alone: how people group an id says nothing.
std::string compact(std::string_view value) {
    std::string kept;
    for (const char c : value)
        if (c != ' ' && c != '-' && c != '.' && c != '/') kept += c;
    return upper_ascii(kept);
}

class Keys {
  public:
    Keys(const KeyOptions& options)
        : options_(options), guards_(options.guards ? *options.guards : ValueGuards::standard()) {}

    void add(std::string type, std::string value) { keys_.push_back({std::move(type), std::move(value)}); }

    void add_gov_id(Node item) {
        auto scheme = lower_ascii(trim(item.find("scheme").text()));
        auto value = compact(item.find("value").text());
        std::string country(record::find_country(item.find("country").text()).value_or(""));
        if (scheme.empty() || value.empty()) return;
        if (scheme == "resident_id" || (scheme == "id_card" && country == "CN")) scheme = "cn_resident_id";
        bool checked = false, wrong = false;
        if (scheme == "cn_resident_id" || scheme == "uscc") {
            country = "CN";
            checked = scheme == "uscc" ? record::is_uscc(value) : record::is_resident_id(value);
            wrong = !checked;
        } else if (scheme == "lei") {
            country.clear();
            checked = record::is_lei(value);
            wrong = !checked;
        } else if (scheme == "vat") {
            const bool prefixed = value.size() > 2 && record::find_country(std::string_view(value).substr(0, 2));
            if (!prefixed) value = country + value;
            country = value.substr(0, 2);
            const auto verdict = record::check_vat(value);
            checked = verdict == true;
            wrong = verdict == false;
        }
        if (wrong || !(checked || item.find("verified_at"))) return;
        add("gov_id", scheme + "|" + country + "|" + value);
    }

    void add_social(Node item) {
        const auto network = lower_ascii(trim(item.find("network").text()));
        if (network.empty()) return;
        for (const auto member : {"union_id", "external_user_id"})
            if (const auto id = trim(item.find(member).text()); !id.empty())
                add("provider", network + "|" + member + "|" + std::string(id));
    }

    void add_email(Node item) {
        const auto norm = item.find("norm").text();
        const auto at = norm.rfind('@');
        if (at == std::string_view::npos || !is_verified(item)) return;
        if (guards_.is_role_mailbox(norm.substr(0, at)) || guards_.is_disposable(norm.substr(at + 1))) return;
        add("email", fold_email(norm));
    }

    void add_phone(Node item) {
        const auto e164 = item.find("e164").text();
        if (!record::is_e164(e164) || !is_verified(item)) return;
        const auto type = item.find("type").text();
        const bool may_be_mobile = type != "landline" && type != "fax" && type != "work" && item.find("verified_at");
        if (type == "mobile" || may_be_mobile) add("phone", std::string(e164));
    }

    void add_customer_number(Node number) {
        const auto value = trim(number.text());
        if (!value.empty() && !options_.customer_number_space.empty())
            add("customer_number", std::string(options_.customer_number_space) + "|" + std::string(value));
    }

    std::vector<MatchKey> take() {
        std::ranges::sort(keys_);
        keys_.erase(std::ranges::unique(keys_).begin(), keys_.end());
        return std::move(keys_);
    }

  private:
    bool is_verified(Node item) const {
        return (item.find("verified_at") || options_.trusted_contact_points) && !item.find("bounced_at");
    }

    const KeyOptions& options_;
    const ValueGuards& guards_;
    std::vector<MatchKey> keys_;
};

}  // namespace

std::string fold_email(std::string_view norm) {
    const auto at = norm.rfind('@');
    const auto domain = norm.substr(at + 1);
    if (at == std::string_view::npos || (domain != "gmail.com" && domain != "googlemail.com")) return std::string(norm);
    std::string folded;
    for (const char c : norm.substr(0, std::min(at, norm.find('+'))))
        if (c != '.') folded += c;
    return folded + "@gmail.com";
}

std::vector<MatchKey> match_keys(Node record, std::string_view connection, std::string_view external_id,
                                 const KeyOptions& options) {
    Keys keys(options);
    keys.add("system", std::string(connection) + "/" + std::string(external_id));
    for (const auto list : {"gov_ids", "identifiers"})
        for (const auto item : record.find(list)) keys.add_gov_id(item);
    for (const auto item : record.find("social")) keys.add_social(item);
    for (const auto item : record.find("emails")) keys.add_email(item);
    for (const auto item : record.find("phones")) keys.add_phone(item);
    keys.add_customer_number(record.find("customer_number"));
    return keys.take();
}

}  // namespace tributary::identity
