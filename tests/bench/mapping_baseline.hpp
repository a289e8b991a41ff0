// Baseline: the order mapping of the bench written by hand for exactly these fields: simdjson's DOM, one pass over each
// object with a switch over its keys, values normalised in place, JSON appended to the output. Nothing is configurable.
// It knows the phone formats of these orders alone and expects texts in NFC.
#pragma once

#include <simdjson.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class Baseline {
  public:
    bool map(std::string_view line, std::string& out);

  private:
    struct Address {
        std::string_view line1, line2, city, region, postal_code, country;
        bool there = false;
    };
    struct Customer {
        std::int64_t id = 0;
        std::string_view given, family, phone;
        Address address;
    };
    struct Order {
        std::string_view number, placed_at, updated_at, currency, subtotal, discount, tax, total, status, fulfilment,
            channel, note, email, contact_email, language, phone;
        Customer customer;
        Address billing, shipping;
        simdjson::dom::array lines;
        bool has_lines = false;
    };

    static bool read(simdjson::dom::object object, Order& order);
    static void read(simdjson::dom::object object, Customer& customer);
    static void read(simdjson::dom::element element, Address& address);
    static bool write_order(const Order& order, std::string& out);
    static bool write_lines(const Order& order, std::string& out);
    static bool write_contact(const Order& order, std::string& out);
    static bool write_address(std::string_view key, const Address& address, std::string& out);

    simdjson::dom::parser parser_;
};

namespace by_hand {

inline std::string_view text(simdjson::dom::element element) {
    std::string_view value;
    return element.get(value) == simdjson::SUCCESS ? value : std::string_view();
}

inline std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

inline void quoted(std::string_view text, std::string& out) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
            continue;
        out.append(text, from, i - from);
        from = i + 1;
        if (c == '"')
            out += "\\\"";
        else if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\b')
            out += "\\b";
        else if (c == '\f')
            out += "\\f";
        else {
            out += "\\u00";
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
        }
    }
    out.append(text, from);
    out += '"';
}

inline void member(std::string_view start, std::string_view text, std::string& out) {
    text = trimmed(text);
    if (text.empty()) return;
    out += start;
    quoted(text, out);
}

inline void number(std::int64_t value, std::string& out) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

inline int exponent_of(std::string_view currency) {
    if (currency == "JPY" || currency == "KRW") return 0;
    if (currency == "KWD" || currency == "BHD" || currency == "OMR" || currency == "TND" || currency == "JOD") return 3;
    return currency.size() == 3 ? 2 : -1;
}

inline bool minor_units(std::string_view text, int exponent, std::int64_t& minor) {
    text = trimmed(text);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t value = 0;
    int decimals = -1;
    for (const char c : text) {
        if (c == '.') {
            if (decimals >= 0) return false;
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || value > INT64_MAX / 100) return false;
        if (decimals >= exponent && c != '0') return false;
        if (decimals >= exponent) continue;
        value = value * 10 + (c - '0');
        if (decimals >= 0) ++decimals;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < exponent; ++i) value *= 10;
    minor = negative ? -value : value;
    return !text.empty();
}

inline bool money(std::string_view start, std::string_view text, std::string_view currency, std::string& out) {
    if (text.empty()) return true;
    const auto exponent = exponent_of(currency);
    std::int64_t minor = 0;
    if (exponent < 0 || !minor_units(text, exponent, minor)) return false;
    out += start;
    out += "{\"minor\":";
    number(minor, out);
    out += ",\"currency\":\"";
    out += currency;
    out += "\"}";
    return true;
}

inline int two(const char* at) {
    return (at[0] - '0') * 10 + (at[1] - '0');
}
inline void put_two(int value, char* at) {
    at[0] = static_cast<char>('0' + value / 10);
    at[1] = static_cast<char>('0' + value % 10);
}

// 2024-01-15T10:30:00-05:00 or Z, to 2024-01-15T15:30:00.000Z.
inline bool timestamp(std::string_view start, std::string_view text, std::string& out) {
    using namespace std::chrono;
    text = trimmed(text);
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return false;
    for (const int at : {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18})
        if (text[static_cast<std::size_t>(at)] < '0' || text[static_cast<std::size_t>(at)] > '9') return false;
    const char* p = text.data();
    const year_month_day day{year{two(p) * 100 + two(p + 2)}, month{static_cast<unsigned>(two(p + 5))},
                             std::chrono::day{static_cast<unsigned>(two(p + 8))}};
    if (!day.ok() || two(p + 11) > 23 || two(p + 14) > 59 || two(p + 17) > 59) return false;
    auto at = sys_days(day) + hours{two(p + 11)} + minutes{two(p + 14)} + seconds{two(p + 17)};
    if (text.size() == 25 && (text[19] == '+' || text[19] == '-') && text[22] == ':') {
        const auto offset = hours{two(p + 20)} + minutes{two(p + 23)};
        at += text[19] == '+' ? -offset : offset;
    } else if (text.size() != 20 || text[19] != 'Z') {
        return false;
    }
    const auto midnight = floor<days>(at);
    const year_month_day date{midnight};
    const hh_mm_ss time{at - midnight};
    char made[] = "0000-00-00T00:00:00.000Z";
    put_two(static_cast<int>(date.year()) / 100, made);
    put_two(static_cast<int>(date.year()) % 100, made + 2);
    put_two(static_cast<int>(static_cast<unsigned>(date.month())), made + 5);
    put_two(static_cast<int>(static_cast<unsigned>(date.day())), made + 8);
    put_two(static_cast<int>(time.hours().count()), made + 11);
    put_two(static_cast<int>(time.minutes().count()), made + 14);
    put_two(static_cast<int>(time.seconds().count()), made + 17);
    out += start;
    out += '"';
    out.append(made, 24);
    out += '"';
    return true;
}

inline bool email(std::string_view text, std::string& out) {
    text = trimmed(text);
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 || text.find('@') != at ||
        text.find('.', at) == std::string_view::npos)
        return false;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    char address[256], norm[256];
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c <= ' ' || c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f) return false;
        norm[i] = lower(c);
        address[i] = i < at ? c : norm[i];
    }
    out += "{\"address\":\"";
    out.append(address, text.size());
    out += "\",\"norm\":\"";
    out.append(norm, text.size());
    out += "\"}";
    return true;
}

struct PhonePrefix {
    std::string_view digits, type, region;
};
constexpr std::array<PhonePrefix, 6> kPrefixes = {{{"1", "", ""},
                                                   {"4420", "landline", "GB"},
                                                   {"4930", "landline", "DE"},
                                                   {"331", "landline", "FR"},
                                                   {"3120", "landline", "NL"},
                                                   {"3491", "landline", "ES"}}};

inline bool phone(std::string_view text, std::string_view country, std::string& out) {
    text = trimmed(text);
    char number[20] = {'+'};
    std::size_t size = 1;
    if (!text.starts_with('+')) {
        if (country != "US" && country != "us" && country != "CA") return false;
        number[size++] = '1';
    }
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            if (size == 16) return false;
            number[size++] = c;
        } else if (c != ' ' && c != '(' && c != ')' && c != '-' && c != '.' && c != '+') {
            return false;
        }
    }
    const std::string_view e164(number, size);
    for (const auto& prefix : kPrefixes) {
        if (!e164.substr(1).starts_with(prefix.digits)) continue;
        out += "{\"e164\":\"";
        out += e164;
        out += "\",\"raw\":";
        quoted(text, out);
        if (!prefix.type.empty()) {
            out += ",\"type\":\"";
            out += prefix.type;
            out += "\",\"region\":\"";
            out += prefix.region;
            out += '"';
        }
        out += '}';
        return true;
    }
    return false;
}

inline bool country(std::string_view start, std::string_view text, std::string& out) {
    static constexpr std::string_view kKnown = "AT BE CA CH DE DK ES FI FR GB IE IT NL NO PL PT SE US ";
    text = trimmed(text);
    if (text.size() != 2) return false;
    const char code[] = {static_cast<char>(text[0] & ~0x20), static_cast<char>(text[1] & ~0x20), ' '};
    if (kKnown.find(std::string_view(code, 3)) == std::string_view::npos) return false;
    out += start;
    out += '"';
    out.append(code, 2);
    out += '"';
    return true;
}

}  // namespace by_hand

inline void Baseline::read(simdjson::dom::element element, Address& address) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return;
    address.there = true;
    for (const auto [key, value] : object) {
        switch (key.size()) {
            case 3:
                if (key == "zip") address.postal_code = by_hand::text(value);
                break;
            case 4:
                if (key == "city") address.city = by_hand::text(value);
                break;
            case 8:
                if (key == "address1")
                    address.line1 = by_hand::text(value);
                else if (key == "address2")
                    address.line2 = by_hand::text(value);
                else if (key == "province")
                    address.region = by_hand::text(value);
                break;
            case 12:
                if (key == "country_code") address.country = by_hand::text(value);
                break;
            default:
                break;
        }
    }
}

inline void Baseline::read(simdjson::dom::object object, Customer& customer) {
    for (const auto [key, value] : object) {
        switch (key.size()) {
            case 2:
                if (key == "id") customer.id = value.get_int64().value_unsafe();
                break;
            case 5:
                if (key == "phone") customer.phone = by_hand::text(value);
                break;
            case 9:
                if (key == "last_name") customer.family = by_hand::text(value);
                break;
            case 10:
                if (key == "first_name") customer.given = by_hand::text(value);
                break;
            case 15:
                if (key == "default_address") read(value, customer.address);
                break;
            default:
                break;
        }
    }
}

inline bool Baseline::read(simdjson::dom::object object, Order& order) {
    using by_hand::text;
    for (const auto [key, value] : object) {
        switch (key.size()) {
            case 4:
                if (key == "name")
                    order.number = text(value);
                else if (key == "note")
                    order.note = text(value);
                break;
            case 5:
                if (key == "email")
                    order.email = text(value);
                else if (key == "phone")
                    order.phone = text(value);
                break;
            case 8:
                if (key == "currency")
                    order.currency = by_hand::trimmed(text(value));
                else if (key == "customer") {
                    simdjson::dom::object customer;
                    if (value.get(customer) == simdjson::SUCCESS) read(customer, order.customer);
                }
                break;
            case 9:
                if (key == "total_tax") order.tax = text(value);
                break;
            case 10:
                if (key == "created_at")
                    order.placed_at = text(value);
                else if (key == "updated_at")
                    order.updated_at = text(value);
                else if (key == "line_items")
                    order.has_lines = value.get(order.lines) == simdjson::SUCCESS;
                break;
            case 11:
                if (key == "total_price")
                    order.total = text(value);
                else if (key == "source_name")
                    order.channel = text(value);
                break;
            case 13:
                if (key == "contact_email") order.contact_email = text(value);
                break;
            case 14:
                if (key == "subtotal_price") order.subtotal = text(value);
                break;
            case 15:
                if (key == "total_discounts")
                    order.discount = text(value);
                else if (key == "customer_locale")
                    order.language = text(value);
                else if (key == "billing_address")
                    read(value, order.billing);
                break;
            case 16:
                if (key == "financial_status")
                    order.status = text(value);
                else if (key == "shipping_address")
                    read(value, order.shipping);
                break;
            case 18:
                if (key == "fulfillment_status") order.fulfilment = text(value);
                break;
            default:
                break;
        }
    }
    return !order.number.empty() && !order.placed_at.empty() && !order.currency.empty();
}

inline bool Baseline::write_address(std::string_view key, const Address& address, std::string& out) {
    if (!address.there) return true;
    out += ",\"";
    out += key;
    out += "\":{";
    const auto line1 = by_hand::trimmed(address.line1), line2 = by_hand::trimmed(address.line2);
    out += "\"lines\":[";
    by_hand::quoted(line1, out);
    if (!line2.empty()) {
        out += ',';
        by_hand::quoted(line2, out);
    }
    out += ']';
    by_hand::member(",\"city\":", address.city, out);
    by_hand::member(",\"region\":", address.region, out);
    by_hand::member(",\"postal_code\":", address.postal_code, out);
    if (!by_hand::country(",\"country\":", address.country, out)) return false;
    out += '}';
    return true;
}

inline bool Baseline::write_lines(const Order& order, std::string& out) {
    if (!order.has_lines || order.lines.size() == 0) return true;
    out += ",\"lines\":[";
    std::int64_t number = 0;
    for (const auto line : order.lines) {
        std::string_view sku, name, price;
        std::int64_t quantity = 0;
        simdjson::dom::object object;
        if (line.get(object) != simdjson::SUCCESS) return false;
        for (const auto [key, value] : object) {
            if (key.size() == 3 && key == "sku")
                sku = by_hand::text(value);
            else if (key.size() == 4 && key == "name")
                name = by_hand::text(value);
            else if (key.size() == 5 && key == "price")
                price = by_hand::text(value);
            else if (key.size() == 8 && key == "quantity" && value.get(quantity) != simdjson::SUCCESS)
                return false;
        }
        out += number ? ",{\"line_no\":" : "{\"line_no\":";
        by_hand::number(++number, out);
        by_hand::member(",\"sku\":", sku, out);
        by_hand::member(",\"name\":", name, out);
        out += ",\"quantity\":\"";
        by_hand::number(quantity, out);
        out += '"';
        if (!by_hand::money(",\"unit_price\":", price, order.currency, out)) return false;
        out += '}';
    }
    out += ']';
    return true;
}

inline bool Baseline::write_contact(const Order& order, std::string& out) {
    const auto& customer = order.customer;
    out += '{';
    const auto given = by_hand::trimmed(customer.given), family = by_hand::trimmed(customer.family);
    if (!given.empty() || !family.empty()) {
        out += "\"name\":{";
        by_hand::member("\"given\":", given, out);
        by_hand::member(given.empty() ? "\"family\":" : ",\"family\":", family, out);
        out += '}';
    }
    auto address = by_hand::trimmed(order.email);
    if (address.empty()) address = order.contact_email;
    if (!address.empty()) {
        out += ",\"emails\":[";
        if (!by_hand::email(address, out)) return false;
        out += ']';
    }
    auto phone = by_hand::trimmed(customer.phone);
    if (phone.empty()) phone = by_hand::trimmed(order.phone);
    if (!phone.empty()) {
        out += ",\"phones\":[";
        if (!by_hand::phone(phone, customer.address.country, out)) return false;
        out += ']';
    }
    by_hand::member(",\"language\":", order.language, out);
    out += ",\"status\":\"active\"}\n";
    return true;
}

inline bool Baseline::write_order(const Order& order, std::string& out) {
    using namespace by_hand;
    out += "{\"number\":";
    quoted(trimmed(order.number), out);
    if (!timestamp(",\"placed_at\":", order.placed_at, out) || !timestamp(",\"updated_at\":", order.updated_at, out))
        return false;
    out += ",\"currency\":\"";
    out += order.currency;
    out += '"';
    if (!money(",\"subtotal\":", order.subtotal, order.currency, out) ||
        !money(",\"discount\":", order.discount, order.currency, out) ||
        !money(",\"tax\":", order.tax, order.currency, out) || !money(",\"total\":", order.total, order.currency, out))
        return false;
    const auto status = order.status;
    if (status == "paid")
        out += R"(,"status":"processing","financial_status":"paid")";
    else if (status == "pending")
        out += R"(,"status":"payment_due","financial_status":"unpaid")";
    else if (status == "authorized")
        out += R"(,"status":"payment_due","financial_status":"authorized")";
    else if (status == "refunded")
        out += R"(,"status":"returned","financial_status":"refunded")";
    else if (status == "partially_refunded")
        out += R"(,"status":"returned","financial_status":"partially_refunded")";
    else
        return false;
    if (order.fulfilment == "fulfilled")
        out += R"(,"fulfilment_status":"fulfilled")";
    else if (order.fulfilment == "partial")
        out += R"(,"fulfilment_status":"partial")";
    else if (order.fulfilment.empty())
        out += R"(,"fulfilment_status":"unfulfilled")";
    else
        return false;
    out += order.channel == "pos" ? R"(,"channel":"store")" : R"(,"channel":"web")";
    member(",\"note\":", order.note, out);
    if (order.customer.id != 0) {
        out += R"(,"contact_ref":{"entity":"contact","external_id":")";
        by_hand::number(order.customer.id, out);
        out += "\"}";
    }
    if (!write_address("billing_address", order.billing, out) ||
        !write_address("shipping_address", order.shipping, out) || !write_lines(order, out))
        return false;
    out += "}\n";
    return order.customer.id == 0 || write_contact(order, out);
}

inline bool Baseline::map(std::string_view line, std::string& out) {
    simdjson::dom::element root;
    simdjson::dom::object object;
    if (parser_.parse(line.data(), line.size(), false).get(root) != simdjson::SUCCESS ||
        root.get(object) != simdjson::SUCCESS)
        return false;
    Order order;
    return read(object, order) && write_order(order, out);
}

}  // namespace bench
