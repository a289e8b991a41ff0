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

// The members with the given names, found in one pass; missing for those that are not there.
template <std::size_t kCount>
std::array<value::Node, kCount> members(value::Node object, const std::array<std::string_view, kCount>& names) {
    std::array<value::Node, kCount> found{};
    if (!object.is(value::Kind::object)) return found;
    std::uint64_t sizes = 0;
    for (const auto name : names) sizes |= std::uint64_t{1} << name.size();
    for (const auto member : object) {
        const auto key = member.key();
        if ((sizes >> key.size() % 64 & 1U) == 0) continue;
        for (std::size_t i = 0; i < kCount; ++i)
            if (names[i] == key) found[i] = member;
    }
    return found;
}

// Canonical dates and times sort as text.
void check_spans(const Entity& entity, value::Node record, std::vector<Issue>& issues) {
    constexpr std::array<std::string_view, 5> kStarts = {"start_date", "started_at", "valid_from", "asked_at",
                                                         "opened_at"};
    const auto starts = members(record, kStarts);
    for (const auto& [start, end] : kSpans) {
        value::Node from;
        for (std::size_t i = 0; i < kStarts.size(); ++i)
            if (kStarts[i] == start) from = starts[i];
        if (!from || !entity.fields.find(start)) continue;
        const auto to = record.find(end).text();
        if (!from.text().empty() && !to.empty() && to < from.text())
            issues.push_back(make_issue("end_before_start", std::string(end)));
    }
}

struct Amount {
    std::string_view currency;
    std::optional<std::int64_t> minor;
};

Amount read_amount(value::Node node) {
    Amount amount;
    if (!node.is(value::Kind::object)) return amount;
    for (const auto member : node) {
        const auto key = member.key();
        if (member.is(value::Kind::integer) && key == "minor")
            amount.minor = member.integer();
        else if (member.is(value::Kind::text) && key == "currency")
            amount.currency = member.text();
    }
    return amount;
}

constexpr std::array<std::string_view, 7> kOrderMembers = {"subtotal", "discount", "shipping", "tax",
                                                           "total",    "currency", "lines"};
constexpr std::size_t kOrderAmounts = 5;
constexpr std::array<std::string_view, 4> kLineAmounts = {"unit_price", "discount", "tax", "total"};

struct Order {
    std::array<Amount, kOrderAmounts> amounts;
    std::string_view currency;
    std::size_t lines = 0;
    std::optional<__int128> lines_total;  // of the lines, when each has one
};

void check_lines(value::Node lines, Order& order, std::vector<Issue>& issues) {
    bool all = true;
    __int128 sum = 0;
    for (const auto line : lines) {
        const auto found = members(line, kLineAmounts);
        Amount amount;
        for (std::size_t i = 0; i < found.size(); ++i) {
            amount = read_amount(found[i]);
            if (order.currency.empty() || amount.currency.empty() || amount.currency == order.currency) continue;
            issues.push_back(make_issue("currency_mismatch",
                                        "lines[" + std::to_string(order.lines) + "]." + std::string(kLineAmounts[i])));
        }
        all = all && amount.minor;  // the total comes last
        sum += amount.minor.value_or(0);
        ++order.lines;
    }
    if (all) order.lines_total = sum;
}

void check_total(const Order& order, std::vector<Issue>& issues) {
    const auto discount = order.amounts[1].minor, shipping = order.amounts[2].minor, tax = order.amounts[3].minor,
               total = order.amounts[4].minor;
    if (!discount || !shipping || !tax || !total || order.lines == 0 || !order.lines_total) return;
    const __int128 net = *order.lines_total - *discount + *shipping;
    const auto slack = static_cast<__int128>(order.lines);
    auto fits = [&](__int128 expected) { return *total - expected <= slack && expected - *total <= slack; };
    if (!fits(net + *tax) && !fits(net)) issues.push_back(make_issue("total_mismatch", "total"));
}

void check_order(value::Node record, std::vector<Issue>& issues) {
    const auto found = members(record, kOrderMembers);
    Order order;
    order.currency = found[5].text();
    for (std::size_t i = 0; i < kOrderAmounts; ++i) {
        order.amounts[i] = read_amount(found[i]);
        const auto own = order.amounts[i].currency;
        if (!order.currency.empty() && !own.empty() && own != order.currency)
            issues.push_back(make_issue("currency_mismatch", std::string(kOrderMembers[i])));
    }
    check_lines(found[6], order, issues);
    check_total(order, issues);
}

}  // namespace

void check_across(const Entity& entity, value::Node record, std::vector<Issue>& issues) {
    check_spans(entity, record, issues);
    if (entity.name == "order") check_order(record, issues);
    if (entity.require_any.empty()) return;
    for (const auto& path : entity.require_any) {
        const auto node = record.at_path(path);
        if (node && (node.size() > 0 || (!node.is(value::Kind::object) && !node.is(value::Kind::array)))) return;
    }
    issues.push_back(make_issue("required_any", entity.require_any.front()));
}

}  // namespace tributary::record
