// What the record layer costs: each conversion, and validate, split, join and hash of an order with five lines.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "gateway/record/classes.hpp"
#include "gateway/record/convert.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/record/validate.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::record;

namespace {

// Mean time of one call, in nanoseconds: the best of five rounds.
template <class F>
double measure(F&& call) {
    double best = 1e18;
    for (int round = 0; round < 5; ++round) {
        constexpr int kCalls = 40'000;
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < kCalls; ++i) call();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count() / kCalls);
    }
    return best;
}

void convert(const Model& model, std::string_view entity, std::string_view path, Options options,
             std::string_view json) {
    const auto in = value::parse_json(json).value();
    const auto converter = Converter::compile(*model.entity(entity)->fields.at_path(path), options).value();
    value::Builder out;
    Issue issue;
    const auto ns = measure([&] {
        if (converter.convert(in.root(), out, issue) != Conversion::written) std::abort();
        out.reset();
    });
    fmt::print("{:<28} {:>9.0f} ns\n", fmt::format("{} {}", path, json.substr(0, 18)), ns);
}

constexpr std::string_view kOrder = R"({"number":"#1001","contact_ref":{"entity":"contact","external_id":"207119551"},
"channel":"web","status":"processing","financial_status":"paid","fulfilment_status":"partial",
"placed_at":"2026-01-05T09:00:00.000Z","paid_at":"2026-01-05T09:01:00.000Z","currency":"EUR",
"subtotal":{"minor":10000,"currency":"EUR"},"discount":{"minor":0,"currency":"EUR"},"shipping":{"minor":490,"currency":"EUR"},
"tax":{"minor":0,"currency":"EUR"},"total":{"minor":10490,"currency":"EUR"},"note":"please ring twice at the door",
"shipping_address":{"kind":"shipping","lines":["Musterstrasse 12"],"city":"Berlin","postal_code":"10115","country":"DE"},
"lines":[LINE,LINE,LINE,LINE,LINE]})";
constexpr std::string_view kLine = R"({"line_no":1,"sku":"SKU-1001","name":"A thing that is sold","quantity":"2",
"unit_price":{"minor":1000,"currency":"EUR"},"tax":{"minor":0,"currency":"EUR"},"total":{"minor":2000,"currency":"EUR"}})";

}  // namespace

int main() {
    spec::Problems problems;
    const auto model = load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", {}, problems);
    if (!model) return 1;
    convert(*model, "contact", "name.full", {}, R"("Ada Lovelace")");
    convert(*model, "contact", "name.full", {}, R"("Zoë Müller")");
    convert(*model, "contact", "emails", {}, R"("Ada.Lovelace@example.com")");
    convert(*model, "contact", "phones", {}, R"("+49 151 12345678")");
    convert(*model, "contact", "phones", {.region = "DE"}, R"("030 123456")");
    convert(*model, "contact", "addresses.country", {}, R"("DE")");
    convert(*model, "contact", "addresses.country", {.as = "country"}, R"("Germany")");
    convert(*model, "order", "total", {.currency = "EUR"}, R"("1234.50")");
    convert(*model, "order", "total", {.currency = "EUR"}, "1234.5");
    convert(*model, "order", "lines.quantity", {}, "2");
    convert(*model, "order", "placed_at", {}, R"("2026-01-05T10:00:00+01:00")");
    convert(*model, "order", "placed_at", {.zone = "Europe/Berlin"}, R"("2026-01-05 10:00:00")");
    convert(*model, "order", "status", {}, R"("processing")");

    std::string json(kOrder);
    for (auto at = json.find("LINE"); at != std::string::npos; at = json.find("LINE")) json.replace(at, 4, kLine);
    const auto order = value::parse_json(json).value();
    const auto& entity = *model->entity("order");
    std::vector<Issue> issues;
    Parts parts;
    auto report = [](std::string_view what, double ns) { fmt::print("{:<28} {:>9.0f} ns\n", what, ns); };
    fmt::print("an order of {} bytes\n", value::to_json(order.root()).size());
    report("validate", measure([&] {
               if (!validate(entity, order.root(), issues)) std::abort();
           }));
    report("split", measure([&] { split(entity, order.root(), parts); }));
    report("join", measure([&] {
               if (!join(parts.clear, parts.personal)) std::abort();
           }));
    report("canonical_hash", measure([&] {
               if (canonical_hash(order.root())[0] == 0 && issues.size() > 1) std::abort();
           }));
    std::string out;
    report("write_json, to compare", measure([&] {
               out.clear();
               value::write_json(order.root(), out);
           }));
    return 0;
}
