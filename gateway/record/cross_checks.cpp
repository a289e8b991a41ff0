#include "gateway/record/cross_checks.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "gateway/record/issue_text.hpp"
#include "gateway/record/money.hpp"

namespace tributary::record {

namespace {

struct Span {
    std::string_view start, end;
};
constexpr std::array kSpans = {Span{"start_date", "end_date"},    Span{"started_at", "ended_at"},
                               Span{"valid_from", "valid_until"}, Span{"asked_at", "answered_at"},
                               Span{"opened_at", "closed_at"},    Span{"opened_at", "resolved_at"}};

// Canonical dates and times sort as text.
void check_spans(const Entity& entity, value::Node record, std::vector<Issue>& issues) {
    for (const auto& [start, end] : kSpans) {
        if (!entity.fields.find(start)) continue;  // cheaper than looking into the record
        const auto from = record.find(start).text(), to = record.find(end).text();
        if (!from.empty() && !to.empty() && to < from)
            issues.push_back(make_issue("end_before_start", std::string(end)));
    }
}

constexpr std::array<std::string_view, 5> kOrderAmounts = {"subtotal", "discount", "shipping", "tax", "total"};
constexpr std::array<std::string_view, 4> kLineAmounts = {"unit_price", "discount", "tax", "total"};

void check_currency(value::Node amount, std::string_view currency, const std::string& path,
                    std::vector<Issue>& issues) {
    const auto own = amount.find("currency").text();
    if (!own.empty() && own != currency) issues.push_back(make_issue("currency_mismatch", path));
}

void check_currencies(value::Node order, std::vector<Issue>& issues) {
    const auto currency = order.find("currency").text();
    if (currency.empty()) return;
    for (const auto name : kOrderAmounts) check_currency(order.find(name), currency, std::string(name), issues);
    std::size_t index = 0;
    for (const auto line : order.find("lines")) {
        for (const auto name : kLineAmounts) {
            const auto amount = line.find(name);
            if (amount && amount.find("currency").text() != currency)
                check_currency(amount, currency, "lines[" + std::to_string(index) + "]." + std::string(name), issues);
        }
        ++index;
    }
}

std::optional<std::int64_t> minor(value::Node amount) {
    const auto units = amount.find("minor");
    if (!units.is(value::Kind::integer)) return std::nullopt;
    return units.integer();
}

void check_total(value::Node order, std::vector<Issue>& issues) {
    const auto discount = minor(order.find("discount")), shipping = minor(order.find("shipping")),
               tax = minor(order.find("tax")), total = minor(order.find("total"));
    const auto lines = order.find("lines");
    if (!discount || !shipping || !tax || !total || lines.size() == 0) return;
    __int128 sum = 0;
    for (const auto line : lines) {
        const auto part = minor(line.find("total"));
        if (!part) return;
        sum += *part;
    }
    const __int128 net = sum - *discount + *shipping;
    const auto slack = static_cast<__int128>(lines.size());
    auto fits = [&](__int128 expected) { return *total - expected <= slack && expected - *total <= slack; };
    if (!fits(net + *tax) && !fits(net)) issues.push_back(make_issue("total_mismatch", "total"));
}

}  // namespace

void check_across(const Entity& entity, value::Node record, std::vector<Issue>& issues) {
    check_spans(entity, record, issues);
    if (entity.name == "order") {
        check_currencies(record, issues);
        check_total(record, issues);
    }
    if (entity.require_any.empty()) return;
    for (const auto& path : entity.require_any) {
        const auto node = record.at_path(path);
        if (node && (node.size() > 0 || (!node.is(value::Kind::object) && !node.is(value::Kind::array)))) return;
    }
    issues.push_back(make_issue("required_any", entity.require_any.front()));
}

}  // namespace tributary::record
