#include <charconv>

#include "gateway/base/text.hpp"
#include "gateway/mapping/runner.hpp"
#include "gateway/record/check_digits.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/issue_text.hpp"
#include "gateway/record/money.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/number.hpp"

namespace tributary::mapping {

namespace {

// As record::validate searches; here before the text is in any record.
bool has_payment_data(value::Node node, std::string_view word) {
    if (node.is(value::Kind::array) || node.is(value::Kind::object)) {
        for (const auto child : node)
            if (has_payment_data(child, child.text())) return true;
        return false;
    }
    constexpr std::size_t kShortest = 14;
    return word.size() >= kShortest && (record::contains_card_number(word) || record::contains_iban(word));
}

}  // namespace

bool is_blank(std::string_view text) {
    return trim(text).empty();
}

bool Runner::declared_empty(const Field& field, value::Node node) {
    if (field.false_is_empty && node.is(value::Kind::boolean)) return !node.boolean();
    if (field.empty.empty() || !node.is(value::Kind::text)) return false;
    const auto text = trimmed(node.text());
    for (const auto& word : field.empty)
        if (text == word) return true;
    return false;
}

value::Node Runner::first_value(const Field& field, const Source*& source) const {
    for (const auto& candidate : field.from) {
        source = &candidate;
        const auto node = at(candidate);
        if (!empty(field, node)) return node;
    }
    if (!field.from.empty()) source = &field.from.front();
    return {};
}

std::string_view Runner::word(value::Node node) {
    if (node.is(value::Kind::text)) return trimmed(node.text());
    if (node.is(value::Kind::decimal)) return node.text();
    if (node.is(value::Kind::boolean)) return node.boolean() ? "true" : "false";
    if (!node.is(value::Kind::integer)) return {};
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, node.integer()).ptr;
    return scratch_.text.assign(digits, end);
}

Runner::Outcome Runner::put(const Field& field, value::Node node, const Source* source, Emitter& out) {
    return empty(field, node) ? put_nothing(field, source, out) : put_value(field, node, source, out);
}

Runner::Outcome Runner::put_nothing(const Field& field, const Source* source, Emitter& out) {
    if (!field.has_fallback) {
        if (trace_) tell(field, source, source ? at(*source) : value::Node{}, {}, Outcome::absent);
        return Outcome::absent;
    }
    return field.raw_constants ? put_value(field, field.fallback.root(), source, out)
                               : put_constant(field, field.fallback, out);
}

Runner::Outcome Runner::put_value(const Field& field, value::Node node, const Source* source, Emitter& out) {
    return field.listed ? put_listed(field, node, source, out) : put_one(field, node, source, out);
}

Runner::Outcome Runner::put_listed(const Field& field, value::Node node, const Source* source, Emitter& out) {
    out.begin_array(field.key);
    Outcome outcome = Outcome::absent;
    const auto one = [&](value::Node element) {
        if (empty(field, element)) return;
        const auto done = put_one(field, element, source, out);
        if (done == Outcome::failed || outcome == Outcome::absent) outcome = done;
    };
    if (node.is(value::Kind::array)) {
        if (field.most != 0 && node.size() > field.most)
            outcome = fault(field, "too_many_items", "the list has more elements than the field may have", source);
        else
            for (const auto element : node) one(element);
    } else {
        one(node);
    }
    out.end();
    return outcome;
}

Runner::Outcome Runner::put_one(const Field& field, value::Node node, const Source* source, Emitter& out) {
    if (field.lookup) return put_looked_up(field, node, source, out);
    return convert(field, node, source, out);
}

Runner::Outcome Runner::put_looked_up(const Field& field, value::Node node, const Source* source, Emitter& out) {
    const auto position = field.lookup->words.find(word(node));
    if (position < 0 && !field.has_otherwise)
        return fault(field, "not_in_lookup", "the lookup does not know this word; add it, or say what holds otherwise",
                     source);
    const auto& found = position < 0 ? field.otherwise : field.lookup->values[static_cast<std::size_t>(position)];
    const auto outcome = is_empty(found.root()) ? Outcome::absent
                         : field.raw_constants  ? convert(field, found.root(), source, out)
                                                : (out.value(field.key).copy(found.root()), Outcome::written);
    if (trace_ && !field.raw_constants) tell(field, source, node, "lookup", outcome);
    return outcome;
}

// Constants of the mapping are canonical already; a null in a mapping for a destination is written as one.
Runner::Outcome Runner::put_constant(const Field& field, const value::Document& constant, Emitter& out) {
    const bool write = constant.root() || program_.outward();
    if (write) out.value(field.key).copy(constant.root());
    if (trace_) tell(field, nullptr, {}, "constant", write ? Outcome::written : Outcome::absent);
    return write ? Outcome::written : Outcome::absent;
}

record::Context Runner::context_of(const Field& field) const {
    record::Context context;
    if (field.currency.slot != kNoSlot) context.currency = trimmed(at(field.currency).text());
    if (field.region.slot == kNoSlot) return context;
    context.region = trimmed(at(field.region).text());
    if (context.region.size() > 2) context.region = record::find_country_named(context.region).value_or("");
    return context;
}

bool Runner::refuses_payment_data(const Field& field, value::Node node, const Source* source) {
    if (!has_payment_data(node, word(node))) return false;
    report(Level::quarantine, "pan_detected", std::string(record::issue_text("pan_detected")), target_path(field.key),
           source);
    return true;
}

Runner::Outcome Runner::convert(const Field& field, value::Node node, const Source* source, Emitter& out) {
    auto outcome = Outcome::written;
    if (field.search_payment_data && refuses_payment_data(field, node, source)) {
        outcome = Outcome::failed;
    } else if (field.object) {
        outcome = convert_with_members(field, node, source, out);
    } else if (field.outward != Outward::none) {
        outcome = put_outward(field, node, source, out);
    } else if (field.converter) {
        const auto done = field.converter->convert(node, out.value(field.key), scratch_.issue, context_of(field));
        outcome = settle(field, done, source, out);
    } else {
        out.value(field.key).copy(node);
    }
    if (trace_)
        tell(field, source, node, field.converter ? std::string(name_of(field.converter->field().type)) : "copy",
             outcome);
    return outcome;
}

Runner::Outcome Runner::convert_with_members(const Field& field, value::Node node, const Source* source, Emitter& out) {
    auto& builder = out.begin_open_object(field.key);
    const auto done = field.converter->convert_members(node, builder, scratch_.issue, context_of(field));
    const auto outcome = settle(field, done, source, out);
    if (outcome == Outcome::written) {
        scratch_.frames.push_back({.key = &field.key});
        write_object(*field.object, out, false);
        scratch_.frames.pop_back();
    } else {
        out.left_empty();
    }
    out.end();
    return outcome;
}

Runner::Outcome Runner::settle(const Field& field, record::Conversion done, const Source* source, Emitter& out) {
    const auto& issue = scratch_.issue;
    switch (done) {
        case record::Conversion::written:
            return Outcome::written;
        case record::Conversion::flagged:
            report(Level::flagged, issue.code, issue.message, target_path(field.key), source);
            return Outcome::written;
        case record::Conversion::absent:
            out.nothing_written();
            return Outcome::absent;
        case record::Conversion::invalid:
            out.nothing_written();
            return fault(field, issue.code, issue.message, source);
    }
    return Outcome::absent;
}

// Canonical values in the words of a destination.
Runner::Outcome Runner::put_outward(const Field& field, value::Node node, const Source* source, Emitter& out) {
    if (field.outward == Outward::timestamp) {
        const auto at = record::parse_timestamp(node.text());
        if (!at) return fault(field, "timestamp_invalid", "expected a canonical timestamp", source);
        const auto text = record::format_timestamp(*at, field.format, field.zone);
        if (!text) return fault(field, "timestamp_invalid", text.error().what, source);
        if (field.format.starts_with("unix"))
            out.value(field.key).number(*text);
        else
            out.value(field.key).text(*text);
        return Outcome::written;
    }
    std::string amount(word(node));
    if (node.is(value::Kind::object))
        amount = record::money_text(node.find("minor").integer(), node.find("currency").text());
    if (!value::is_json_number(amount))
        return fault(field, "amount_invalid", "expected canonical money or a number", source);
    if (field.outward == Outward::number)
        out.value(field.key).number(amount);
    else
        out.value(field.key).text(amount);
    return Outcome::written;
}

}  // namespace tributary::mapping
