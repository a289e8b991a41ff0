// The mapping of the bench's orders, with or without the customer that comes with each.
#pragma once

#include <string>
#include <string_view>

namespace bench {

constexpr std::string_view kOrderStart = R"(
mapping: bench/order
to: order
fields:
  number: name
  placed_at: { from: created_at, as: timestamp }
  updated_at: { from: updated_at, as: timestamp }
  currency: currency
  subtotal: { from: subtotal_price, currency: currency }
  discount: { from: total_discounts, currency: currency }
  tax: { from: total_tax, currency: currency }
  total: { from: total_price, currency: currency }
  status: { from: financial_status, lookup: { paid: processing, pending: payment_due, authorized: payment_due, refunded: returned, partially_refunded: returned } }
  financial_status: { from: financial_status, lookup: { paid: paid, pending: unpaid, authorized: authorized, refunded: refunded, partially_refunded: partially_refunded } }
  fulfilment_status: { from: fulfillment_status, lookup: { fulfilled: fulfilled, partial: partial }, default: unfulfilled }
  channel: { from: source_name, lookup: { web: web, pos: store }, otherwise: web }
  note: note
)";

constexpr std::string_view kOrderContact = R"(  contact:
    link: contact
    key: customer.id
    fields:
      name.given: customer.first_name
      name.family: customer.last_name
      emails: [ { from: [email, contact_email] } ]
      phones: [ { from: [customer.phone, phone], region: customer.default_address.country_code } ]
      language: customer_locale
)";

constexpr std::string_view kOrderContactReference = R"(  contact_ref: customer.id
)";

constexpr std::string_view kOrderEnd = R"(  billing_address:
    fields:
      lines: [ billing_address.address1, billing_address.address2 ]
      city: billing_address.city
      region: billing_address.province
      postal_code: billing_address.zip
      country: billing_address.country_code
  shipping_address:
    fields:
      lines: [ shipping_address.address1, shipping_address.address2 ]
      city: shipping_address.city
      region: shipping_address.province
      postal_code: shipping_address.zip
      country: shipping_address.country_code
  lines:
    each: line_items
    fields:
      line_no: _number
      sku: sku
      name: name
      quantity: quantity
      unit_price: { from: price, currency: $.currency }
)";

// Linked: each order also makes a record of its customer. Else it only refers to the customer.
inline std::string order_mapping(bool linked) {
    std::string text(kOrderStart);
    text += linked ? kOrderContact : kOrderContactReference;
    return text.append(kOrderEnd);
}

}  // namespace bench
