// Mapping a shop order: the compiled plan against a strict mapper written by hand over simdjson's DOM, in the same run.
// Both parse the whole text, map 29 canonical fields and the lines, and write the same JSON; the bytes are compared
// before anything is timed. CPU time of one thread; rounds alternate.
//
//   bench_mapping [orders.ndjson]     without a file it makes 4000 orders like those of a shop's API itself
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"
#include "tests/bench/mapping_baseline.hpp"
#include "tests/bench/mapping_data.hpp"

namespace {

using namespace tributary;

constexpr int kRounds = 7;
constexpr std::size_t kRecordsPerRound = 40'000;

constexpr std::string_view kMapping = R"(
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
  contact:
    link: contact
    key: customer.id
    fields:
      name.given: customer.first_name
      name.family: customer.last_name
      emails: [ { from: [email, contact_email] } ]
      phones: [ { from: [customer.phone, phone], region: customer.default_address.country_code } ]
      language: customer_locale
  billing_address:
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

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Engine {
    const mapping::Plan& plan;
    value::JsonParser parser{};
    mapping::Scratch scratch{};

    bool map(std::string_view line, std::string& out) {
        const auto document = parser.parse(line);
        if (!document) return false;
        const auto mapped = plan.run(document->root(), scratch);
        if (!mapped.accepted()) return false;
        for (const auto& record : mapped.records) {
            value::write_json(record.document.root(), out);
            out += '\n';
        }
        return true;
    }
};

// Records each second.
template <class Mapper>
double rate(Mapper& mapper, const bench::Lines& lines) {
    std::string out;
    const auto start = cpu_seconds();
    std::size_t done = 0;
    while (done < kRecordsPerRound) {
        for (const auto line : lines.lines) {
            out.clear();
            if (!mapper.map(line, out)) std::abort();  // verified before
            if (++done == kRecordsPerRound) break;
        }
    }
    return static_cast<double>(kRecordsPerRound) / (cpu_seconds() - start);
}

bool same_output(Engine& engine, bench::Baseline& baseline, const bench::Lines& lines) {
    std::string ours, theirs;
    std::size_t number = 0, bytes = 0;
    for (const auto line : lines.lines) {
        ours.clear();
        theirs.clear();
        ++number;
        if (!engine.map(line, ours)) {
            const auto document = value::parse_json(line);
            std::string why = document ? "" : document.error().text();
            if (document)
                for (const auto& issue : engine.plan.run(document->root(), engine.scratch).issues)
                    why += issue.text() + "; ";
            fmt::print(stderr, "order {}: not mapped: {}\n", number, why);
            return false;
        }
        if (!baseline.map(line, theirs) || ours != theirs) {
            fmt::print(stderr, "order {}: outputs differ:\n{}\n{}\n", number, ours, theirs);
            return false;
        }
        bytes += ours.size();
    }
    fmt::print("{} orders, {} bytes each in, {} out; outputs are equal\n", lines.lines.size(),
               lines.text.size() / lines.lines.size(), bytes / lines.lines.size());
    return true;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
    const auto lines = count > 1 ? bench::read_lines(arguments[1]) : bench::make_orders(4000);
    if (lines.lines.empty()) {
        fmt::print(stderr, "no orders in the file\n");
        return 2;
    }
    spec::Problems problems;
    const auto model = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
    const auto plan = model ? mapping::compile_text(kMapping, "bench/order", *model, {}, problems) : nullptr;
    if (!plan) {
        fmt::print(stderr, "{}", problems.text());
        return 2;
    }
    Engine engine{*plan};
    bench::Baseline baseline;
    if (!same_output(engine, baseline, lines)) return 1;
    std::vector<double> ours, theirs, ratios;
    for (int round = 0; round < kRounds; ++round) {
        theirs.push_back(rate(baseline, lines));
        ours.push_back(rate(engine, lines));
        ratios.push_back(ours.back() / theirs.back());
    }
    fmt::print("hand-written, simdjson DOM  {:8.0f} records/s\ncompiled plan               {:8.0f} records/s\n",
               median(theirs), median(ours));
    fmt::print("ratio                       {:8.2f}   (rounds {:.2f} to {:.2f}; owed: 0.60)\n", median(ratios),
               *std::ranges::min_element(ratios), *std::ranges::max_element(ratios));
}
