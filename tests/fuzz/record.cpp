// Foreign bytes as a record: parsed, mapped with every form, validated. A record that was accepted must be valid.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/record/validate.hpp"
#include "gateway/value/json.hpp"

namespace {

using namespace tributary;

constexpr std::string_view kMapping = R"yaml(
mapping: fuzz/order
to: order
defaults: { zone: Europe/Berlin, empty: ["N/A"], false_is_empty: true }
skip: { path: skip, is: true }
deleted: { all: [ deleted, { path: deleted, matches: "y.*" } ] }
fields:
  number: { from: [name, id], as: text }
  placed_at: { from: created_at, as: timestamp }
  paid_at: { from: paid_at, format: unix }
  cancelled_at: { from: cancelled_at, format: "%Y-%m-%d %H:%M" }
  currency: { from: currency, default: EUR }
  total: { from: total, currency: currency, on_error: drop }
  tax: { from: tax, currency: EUR, rounding: half_even, decimal_mark: "," }
  status: { from: status, lookup: { paid: processing, "1": draft }, otherwise: problem }
  note: { lua: "return record.note and (record.note .. ''):sub(1, 200)" }
  tags: { from: tags }
  contact:
    link: contact
    key: customer.id
    fields:
      name.full: { template: "{customer.first} {customer.last}, {$.name}" }
      emails: [ { from: email, with: { verified_at: created_at } }, customer.email ]
      phones: [ { from: customer.phone, region: customer.country } ]
      birth_date: { from: customer.born, on_error: drop }
      language: { from: customer.language, on_error: drop }
      ext.raw: customer.extra
  shipping_address: { fields: { lines: [ to.street, to.more ], city: to.city, country: { from: to.country, as: country } } }
  lines:
    each: items
    where: { none: [ { path: kind, in: [gift, 0] } ] }
    fields:
      line_no: _number
      sku: { from: [ sku, "$.default_sku" ] }
      quantity: { from: quantity, default: 1 }
      unit_price: { from: price, currency: "$.currency" }
      product: { link: product, key: "{sku}-{_index}", fields: { name: title } }
require: [total]
check: { lua: "return record.total.minor >= 0", message: negative }
)yaml";

struct World {
    record::Model model;
    std::shared_ptr<const mapping::Plan> plan;
    mapping::Scratch scratch;
    value::JsonParser parser{{.depth = 64, .bytes = 1 << 20}};

    World() {
        spec::Problems problems;
        auto loaded = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
        if (loaded) model = std::move(*loaded);
        plan = mapping::compile_text(kMapping, "fuzz", model, {}, problems);
        if (!plan) {
            fputs(problems.text().c_str(), stderr);
            abort();
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static World world;
    const auto document = world.parser.parse({reinterpret_cast<const char*>(bytes), size});
    if (!document) return 0;
    const auto mapped = world.plan->run(document->root(), world.scratch);
    if (!mapped.accepted()) return 0;
    for (const auto& mapped_record : mapped.records) {
        if (!value::parse_json(value::to_json(mapped_record.document.root()))) abort();
        if (mapped_record.deleted) continue;
        std::vector<record::Issue> issues;
        if (record::validate(*world.model.entity(mapped_record.entity), mapped_record.document.root(), issues))
            continue;
        // Rules across fields and the search for card numbers are validate's own.
        for (const auto& issue : issues) {
            if (issue.code == "pan_detected" || issue.code == "total_mismatch" || issue.code == "end_before_start" ||
                issue.code == "currency_mismatch" || issue.code == "map_too_long")
                continue;
            fprintf(stderr, "%s: %s %s\n", mapped_record.entity.c_str(), issue.code.c_str(), issue.path.c_str());
            abort();
        }
    }
    return 0;
}
