// Baseline: the order mapping of the bench written by hand for exactly these fields: simdjson's DOM, one pass over each
// object with a switch over its keys, values normalised in place, JSON appended to the output. Nothing is configurable.
// It knows the phone formats of these orders alone and expects texts in NFC.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/mapping_by_hand.hpp"

namespace bench {

class Baseline {
  public:
    // Linked: a second line with the order's customer.
    explicit Baseline(bool linked = true) : linked_(linked) {}
    // Appends its records, one line each.
    bool map(std::string_view line, std::string& out);
    // Of the newest order; 0: a guest's.
    std::int64_t customer() const { return customer_; }

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
    bool write_order(const Order& order, std::string& out) const;
    static bool write_lines(const Order& order, std::string& out);
    static bool write_contact(const Order& order, std::string& out);
    static bool write_address(std::string_view key, const Address& address, std::string& out);

    bool linked_;
    std::int64_t customer_ = 0;
    simdjson::dom::parser parser_;
};

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

inline bool Baseline::write_order(const Order& order, std::string& out) const {
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
    return !linked_ || order.customer.id == 0 || write_contact(order, out);
}

inline bool Baseline::map(std::string_view line, std::string& out) {
    simdjson::dom::element root;
    simdjson::dom::object object;
    if (parser_.parse(line.data(), line.size(), false).get(root) != simdjson::SUCCESS ||
        root.get(object) != simdjson::SUCCESS)
        return false;
    Order order;
    if (!read(object, order)) return false;
    customer_ = order.customer.id;
    return write_order(order, out);
}

}  // namespace bench
