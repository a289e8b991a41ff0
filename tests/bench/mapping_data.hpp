// Orders for the mapping bench: read from NDJSON, or made here with the shape, sizes and sprinkling of nulls of a
// shop's API.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Lines {
    std::string text;                     // padded: simdjson may read beyond the last line
    std::vector<std::string_view> lines;  // into `text`, which is long enough to keep its buffer when moved
};

constexpr std::size_t kPadding = 64;

inline void cut(Lines& into) {
    into.text.reserve(into.text.size() + kPadding);
    std::string_view rest = into.text;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        if (end > 0) into.lines.push_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
}

inline Lines read_lines(const char* path) {
    Lines lines;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    lines.text = text.str();
    cut(lines);
    return lines;
}

// A small linear generator: the same orders in every run.
class Maker {
  public:
    std::uint32_t number(std::uint32_t below) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>((state_ >> 33) % below);
    }
    template <std::size_t N>
    std::string_view one_of(const std::array<std::string_view, N>& all) {
        return all[number(N)];
    }
    std::string money(std::uint32_t most) { return fmt::format("{}.{:02}", 1 + number(most), number(100)); }
    std::string time() {
        static constexpr std::array<std::string_view, 5> kOffsets = {"-04:00", "+00:00", "Z", "+02:00", "-05:00"};
        return fmt::format("20{}-{:02}-{:02}T{:02}:{:02}:{:02}{}", 20 + number(5), 1 + number(12), 1 + number(28),
                           number(24), number(60), number(60), one_of(kOffsets));
    }

  private:
    std::uint64_t state_ = 20240611;
};

struct City {
    std::string_view country, country_name, city, region, postal_code, phone;
};
constexpr std::array<City, 8> kCities = {
    {{"US", "United States", "New York", "New York", "10021", "+1 (212) 555-{:04}"},
     {"US", "United States", "Austin", "Texas", "78101", "512.555.{:04}"},
     {"GB", "United Kingdom", "London", "England", "SW123", "+44 20 7946 {:04}"},
     {"DE", "Germany", "Berlin", "Berlin", "10115", "+49 30 9018{:04}"},
     {"FR", "France", "Paris", "Île-de-France", "75001", "+33 1 42 68 {:04}"},
     {"NL", "Netherlands", "Amsterdam", "Noord-Holland", "1012AB", "+31 20 555 {:04}"},
     {"CA", "Canada", "Toronto", "Ontario", "M5V12", "(416) 555-{:04}"},
     {"us", "United States", "San José", "California", "95101", "+1408555{:04}"}}};
constexpr std::array<std::string_view, 8> kGiven = {"James",  "Mary",   "Søren", "Zoë",
                                                    "Jürgen", "Łukasz", "Priya", "Olivia"};
constexpr std::array<std::string_view, 6> kFamily = {"Smith", "García", "Müller", "O'Connor", "Sørensen", "Lindström"};
constexpr std::array<std::string_view, 5> kDomains = {"example.com", "Outlook.com", "web.de", "ORANGE.FR",
                                                      "acme.example"};
constexpr std::array<std::string_view, 5> kProducts = {"Classic Cotton Tee", "Ergonomic Desk Lamp – Matte Black",
                                                       "Café Mug", "Yoga Mat", R"(Wireless Charger \"Pro\")"};
constexpr std::array<std::string_view, 5> kStatus = {"paid", "pending", "authorized", "refunded", "partially_refunded"};

inline std::string make_address(Maker& maker, std::string_view given, std::string_view family, const City& city) {
    return fmt::format(
        R"({{"first_name":"{}","address1":"{} High Street","phone":"{}","city":"{}","zip":"{}","province":"{}","country":"{}","last_name":"{}","address2":{},"company":{},"latitude":{}.{:07},"longitude":-{}.{:07},"name":"{} {}","country_code":"{}","province_code":"XX"}})",
        given, 1 + maker.number(999), fmt::format(fmt::runtime(city.phone), maker.number(10000)), city.city,
        city.postal_code, city.region, city.country_name, family,
        maker.number(3) == 0   ? "\"Apt 12\""
        : maker.number(2) == 0 ? "\"\""
                               : "null",
        maker.number(2) == 0 ? "null" : "\"Acme GmbH\"", maker.number(60), maker.number(10000000), maker.number(120),
        maker.number(10000000), given, family, city.country);
}

inline std::string make_money_set(std::string_view amount) {
    return fmt::format(
        R"({{"shop_money":{{"amount":"{0}","currency_code":"USD"}},"presentment_money":{{"amount":"{0}","currency_code":"USD"}}}})",
        amount);
}

inline std::string make_line(Maker& maker, std::uint64_t id) {
    const auto price = maker.money(499);
    return fmt::format(
        R"({{"id":{0},"admin_graphql_api_id":"gid://shopify/LineItem/{0}","fulfillable_quantity":1,"fulfillment_status":null,"gift_card":false,"grams":{1},"name":"{2}","price":"{3}","price_set":{4},"product_id":{5},"quantity":{6},"requires_shipping":true,"sku":"SKU-{7:06}","taxable":true,"title":"{2}","total_discount":"0.00","variant_id":{8},"vendor":"Acme"}})",
        id, maker.number(5000), maker.one_of(kProducts), price, make_money_set(price),
        7000000000000 + maker.number(9999), 1 + maker.number(5), maker.number(1000000),
        40000000000000 + maker.number(99999));
}

inline std::string make_order(Maker& maker, std::uint64_t i) {
    static constexpr std::array<std::string_view, 3> kFulfilment = {"null", "\"fulfilled\"", "\"partial\""};
    static constexpr std::array<std::string_view, 4> kNotes = {
        "null", R"("")", R"("Please leave at the door\nThanks!")", R"("Bitte klingeln – 2. Stock")"};
    static constexpr std::array<std::string_view, 3> kLanguages = {"en", "de-DE", "fr-FR"};
    static constexpr std::array<std::string_view, 4> kCurrencies = {"USD", "EUR", "GBP", "CAD"};
    static constexpr std::array<std::uint32_t, 10> kLineCounts = {1, 1, 1, 2, 2, 2, 3, 3, 4, 5};
    const auto& city = kCities[maker.number(kCities.size())];
    const auto given = maker.one_of(kGiven), family = maker.one_of(kFamily);
    const auto email = fmt::format("{}user.{}@{}{}", maker.number(5) == 0 ? " " : "", maker.number(10000),
                                   maker.one_of(kDomains), maker.number(5) == 0 ? " " : "");
    const auto subtotal = maker.money(900), time = maker.time();
    const auto phone = fmt::format(fmt::runtime(city.phone), maker.number(10000));
    const auto address = make_address(maker, given, family, city);
    std::string lines;
    for (std::uint32_t k = 0, n = kLineCounts[maker.number(kLineCounts.size())]; k < n; ++k)
        lines += (k ? "," : "") + make_line(maker, 11000000000000 + i * 10 + k);
    return fmt::format(
        R"({{"id":{0},"admin_graphql_api_id":"gid://shopify/Order/{0}","app_id":580111,"browser_ip":"203.0.113.7","buyer_accepts_marketing":true,"cancel_reason":null,"cancelled_at":null,"cart_token":"26ad41ef88c279d937c990fad57dcafd","checkout_id":8541684039032,"client_details":{{"accept_language":"en-US,en;q=0.9","browser_height":1302,"browser_ip":"203.0.113.7","browser_width":912,"session_hash":null,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"}},"confirmed":true,"contact_email":"{1}","created_at":"{2}","currency":"{3}","current_subtotal_price":"{4}","current_total_price":"{4}","customer_locale":"{5}","discount_codes":[],"email":"{1}","financial_status":"{6}","fulfillment_status":{7},"landing_site":"/products?utm_source=fb","name":"#{8}","note":{9},"note_attributes":[],"number":{10},"order_number":{8},"phone":null,"processed_at":"{2}","source_name":"web","subtotal_price":"{4}","tags":"wholesale, b2b","tax_lines":[{{"price":"4.35","rate":0.19,"title":"VAT"}}],"taxes_included":false,"test":false,"token":"54c6c4b370faf36fb78eda4fea394aba","total_discounts":"0.00","total_line_items_price":"{4}","total_price":"{4}","total_price_set":{11},"total_tax":"{12}","total_weight":978,"updated_at":"{13}","billing_address":{14},"customer":{{"id":{15},"email":"{1}","accepts_marketing":false,"created_at":"{2}","updated_at":"{2}","first_name":"{16}","last_name":"{17}","state":"disabled","note":null,"verified_email":true,"tax_exempt":false,"tags":"","currency":"{3}","phone":{18},"email_marketing_consent":{{"state":"subscribed","opt_in_level":"single_opt_in","consent_updated_at":"{2}"}},"sms_marketing_consent":null,"default_address":{19}}},"line_items":[{20}],"shipping_address":{14},"shipping_lines":[{{"id":4000000000000,"code":"Standard","price":"5.00","title":"Standard"}}]}})", 5000000000000 + i,
        email, time, maker.one_of(kCurrencies), subtotal, maker.one_of(kLanguages), maker.one_of(kStatus),
        maker.one_of(kFulfilment), 1000 + i, maker.one_of(kNotes), i + 1, make_money_set(subtotal), maker.money(9),
        maker.time(), address, 6000000000000 + maker.number(60000), given, family,
        maker.number(5) == 0 ? "null" : "\"" + phone + "\"", make_address(maker, given, family, city), lines);
}

inline Lines make_orders(std::uint64_t count) {
    Lines lines;
    Maker maker;
    for (std::uint64_t i = 0; i < count; ++i) lines.text += make_order(maker, i) + "\n";
    cut(lines);
    return lines;
}

}  // namespace bench
