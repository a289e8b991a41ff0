// The bench's order to the canonical order and its customer: the result of tests/bench/mapping_text.hpp. Phones are told
// by the prefixes of these orders alone, as in the hand-written mapper. n8n.py puts it into Code nodes.
const STATUS = { paid: 'processing', pending: 'payment_due', authorized: 'payment_due', refunded: 'returned', partially_refunded: 'returned' };
const REGIONS = [['+4420', 'GB'], ['+4930', 'DE'], ['+331', 'FR'], ['+3120', 'NL']];

const text = (value) => (value ?? '').trim() || undefined;
const money = (amount, currency) => amount ? { minor: Math.round(Number(amount) * 100), currency } : undefined;
const time = (value) => new Date(value.trim()).toISOString();

function address(from) {
  return {
    lines: [text(from.address1), text(from.address2)].filter(Boolean),
    city: text(from.city),
    region: text(from.province),
    postal_code: text(from.zip),
    country: from.country_code.trim().toUpperCase(),
  };
}

function email(value) {
  const [local, domain] = value.trim().split('@');
  return { address: `${local}@${domain.toLowerCase()}`, norm: value.trim().toLowerCase() };
}

function phone(raw, country) {
  const digits = raw.replace(/[^0-9]/g, '');
  const e164 = raw.startsWith('+') ? '+' + digits : ['US', 'CA'].includes(country) ? '+1' + digits : undefined;
  if (e164?.startsWith('+1')) return { e164, raw };
  const region = e164 && REGIONS.find(([prefix]) => e164.startsWith(prefix));
  if (!region) throw new Error('unknown phone');
  return { e164, raw, type: 'landline', region: region[1] };
}

function mapOrder(from) {
  const currency = from.currency.trim();
  if (!STATUS[from.financial_status]) throw new Error('unknown status');
  const number = text(from.customer.phone) ?? text(from.phone);
  return {
    order: {
      number: from.name.trim(),
      placed_at: time(from.created_at),
      updated_at: time(from.updated_at),
      currency,
      subtotal: money(from.subtotal_price, currency),
      discount: money(from.total_discounts, currency),
      tax: money(from.total_tax, currency),
      total: money(from.total_price, currency),
      status: STATUS[from.financial_status],
      financial_status: from.financial_status === 'pending' ? 'unpaid' : from.financial_status,
      fulfilment_status: from.fulfillment_status ?? 'unfulfilled',
      channel: from.source_name === 'pos' ? 'store' : 'web',
      note: text(from.note),
      contact_ref: { entity: 'contact', external_id: String(from.customer.id) },
      billing_address: address(from.billing_address),
      shipping_address: address(from.shipping_address),
      lines: from.line_items.map((line, index) => ({
        line_no: index + 1,
        sku: text(line.sku),
        name: text(line.name),
        quantity: String(line.quantity),
        unit_price: money(line.price, currency),
      })),
    },
    contact: {
      name: { given: text(from.customer.first_name), family: text(from.customer.last_name) },
      emails: [email(text(from.email) ?? from.contact_email)],
      phones: number && [phone(number, from.customer.default_address.country_code.toUpperCase())],
      language: text(from.customer_locale),
      status: 'active',
    },
  };
}
