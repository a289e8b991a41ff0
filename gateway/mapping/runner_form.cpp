#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/mapping/runner.hpp"

namespace tributary::mapping {

namespace {

bool same_content(value::Node a, value::Node b) {
    if (a.kind() != b.kind() || a.size() != b.size()) return false;
    if (a.is(value::Kind::array) || a.is(value::Kind::object))
        return std::ranges::equal(
            a, b, [](value::Node x, value::Node y) { return x.key() == y.key() && same_content(x, y); });
    return a.text() == b.text() && a.integer() == b.integer() && a.boolean() == b.boolean();
}

// Addresses and numbers are the same when what is compared of them is.
bool same_value(value::Node a, value::Node b) {
    for (const auto* key : {"norm", "e164"})
        if (const auto one = a.find(key), other = b.find(key); one && other) return one.text() == other.text();
    return same_content(a, b);
}

}  // namespace

// False when every part is missing. What stands between two parts is written only when both sides have a part.
bool Runner::render(const std::vector<TextPiece>& pieces, std::string& out) {
    out.clear();
    bool any = false;
    for (const auto& piece : pieces) {
        if (piece.part.slot == kNoSlot) {  // what follows the last part
            if (any) out += piece.literal;
            return any || pieces.size() == 1;
        }
        const auto node = at(piece.part);
        if (is_empty(node)) continue;
        if (any || &piece == &pieces.front()) out += piece.literal;
        const bool integer = node.is(value::Kind::integer);
        if (integer)
            out += std::to_string(node.integer());
        else
            out += word(node);
        any = true;
    }
    return any;
}

Runner::Outcome Runner::put_template(const Field& field, Emitter& out) {
    std::string text;
    if (!render(field.pieces, text)) return put(field, {}, nullptr, out);
    scratch_.values.reset();
    scratch_.values.text(text);
    const auto made = scratch_.values.take();
    return put(field, made.root(), nullptr, out);
}

Lua& Runner::lua() {
    if (!scratch_.lua) scratch_.lua.emplace();
    return *scratch_.lua;
}

LuaArguments Runner::script_arguments() const {
    return {source_, source_, item_, index_};
}

Runner::Outcome Runner::put_script(const Field& field, Emitter& out) {
    value::Builder result;
    const auto any = lua().value(field.lua->code, script_arguments(), result);
    if (!any) return fault(field, any.error().code, any.error().message, nullptr);
    if (!*any) return put(field, {}, nullptr, out);
    const auto made = result.take();
    // A destination may want an empty list; a canonical record has none.
    return program_.outward() ? put_value(field, made.root(), nullptr, out) : put(field, made.root(), nullptr, out);
}

Runner::Outcome Runner::put_each(const Field& field, Emitter& out) {
    const auto& each = *field.each;
    const auto list = at(each.source);
    if (!list || (list.is(value::Kind::text) && is_empty(list))) return Outcome::absent;
    const auto outer_item = item_;
    const auto outer_index = index_;
    out.begin_array(field.key);
    scratch_.frames.push_back({.key = &field.key, .each = &each});
    Outcome outcome = Outcome::absent;
    std::size_t index = 0;
    const auto one = [&](value::Node element) {
        index_ = static_cast<std::int64_t>(index);
        scratch_.frames.back().source_index = index++;
        const auto done = put_element(field, element, out);
        if (done == Outcome::written) ++scratch_.frames.back().target_index;
        if (done == Outcome::failed || outcome == Outcome::absent) outcome = done;
    };
    if (list.is(value::Kind::array))
        for (const auto element : list) one(element);
    else
        one(list);  // XML and PHP sources write a list of one as its element
    const auto written = scratch_.frames.back().target_index;
    scratch_.frames.pop_back();
    out.end();
    item_ = outer_item;
    index_ = outer_index;
    if (field.most != 0 && written > field.most)
        return fault(field, "too_many_items", "the list has more elements than the field may have", &each.source);
    return outcome;
}

Runner::Outcome Runner::put_element(const Field& field, value::Node element, Emitter& out) {
    const auto& each = *field.each;
    if (!element) return Outcome::absent;
    auto* slots = scratch_.slots.data();
    for (const auto slot : each.reads.slots()) slots[slot] = {};
    each.reads.read(element, slots);
    item_ = element;
    if (each.position != kNoSlot) slots[each.position] = scratch_.count(static_cast<std::size_t>(index_));
    if (each.number != kNoSlot) slots[each.number] = scratch_.count(static_cast<std::size_t>(index_) + 1);
    if (each.where && !holds(*each.where)) return Outcome::absent;
    if (each.item) return write_field(*each.item, out);
    out.begin_object({});
    const auto outcome = write_object(*each.object, out, false);
    return out.end() ? outcome : Outcome::absent;
}

Runner::Outcome Runner::put_list(const Field& field, Emitter& out) {
    // What is there at all, without texts that are equal already: most lists have one element left then.
    auto& forms = scratch_.forms;
    auto& seen = scratch_.seen;
    const auto first = forms.size();
    seen.clear();
    for (const auto& form : field.list) {
        if (form.form == Field::Form::from) {
            const Source* source = nullptr;
            const auto node = first_value(form, source);
            if (is_empty(node) && !form.has_fallback) {
                if (trace_) tell(form, source, node, {}, Outcome::absent);
                continue;
            }
            const auto equal = [&](value::Node other) {
                return node.is(value::Kind::text) && other.is(value::Kind::text) &&
                       trim(node.text()) == trimmed(other.text());
            };
            if (!form.when && !form.object && std::ranges::any_of(seen, equal)) continue;
            if (!form.when) seen.push_back(node);
        }
        forms.push_back(&form);
    }
    const auto last = forms.size();
    if (first == last) return Outcome::absent;
    scratch_.frames.push_back({.key = &field.key});
    out.begin_array(field.key);
    auto outcome = Outcome::absent;
    if (last - first > 1 && !field.plain_list) {
        outcome = put_distinct(field, first, last, out);
    } else {
        for (auto i = first; i < last; ++i) {
            const auto done = write_field(*forms[i], out);
            if (done == Outcome::failed || outcome == Outcome::absent) outcome = done;
        }
    }
    out.end();
    scratch_.frames.pop_back();
    forms.resize(first);
    return outcome;
}

Runner::Outcome Runner::put_distinct(const Field& field, std::size_t first, std::size_t last, Emitter& out) {
    if (scratch_.benches.size() == depth_) scratch_.benches.push_back(std::make_unique<Workbench>());
    auto& bench = *scratch_.benches[depth_++];
    std::vector<value::Document> distinct;
    Outcome outcome = Outcome::absent;
    for (auto i = first; i < last; ++i) {
        bench.emitter.begin_record();
        const auto done = write_field(*scratch_.forms[i], bench.emitter);
        bench.emitter.end_record();
        auto made = bench.builder.take();
        if (done == Outcome::failed) outcome = done;
        const auto value = made.root().at(0);
        if (done != Outcome::written || is_empty(value)) continue;
        if (std::ranges::any_of(distinct, [&](const auto& other) { return same_value(other.root().at(0), value); }))
            continue;
        distinct.push_back(std::move(made));
    }
    --depth_;
    if (field.most != 0 && distinct.size() > field.most)
        return fault(field, "too_many_items", "the list has more elements than the field may have", nullptr);
    for (const auto& made : distinct) out.value({}).copy(made.root().at(0));
    return outcome == Outcome::failed || distinct.empty() ? outcome : Outcome::written;
}

Runner::Outcome Runner::put_link(const Field& field, Emitter& out) {
    const auto& link = *field.link;
    std::string key;
    const Source* source = nullptr;
    if (!link.key_pieces.empty()) {
        render(link.key_pieces, key);
    } else {
        for (const auto& candidate : link.key) {
            source = &candidate;
            if (const auto node = at(candidate); !empty(field, node)) {
                key = word(node);
                break;
            }
        }
    }
    if (trace_)
        tell(field, source, source ? at(*source) : value::Node{}, "link",
             key.empty() ? Outcome::absent : Outcome::written);
    if (key.empty()) return Outcome::absent;
    out.begin_object(field.key);
    out.value("entity").text(link.entity);
    out.value("external_id").text(key);
    out.end();
    const auto same = [&](const MappedRecord& record) { return record.key == key && record.entity == link.entity; };
    if (!link.has_fields || std::ranges::any_of(out_.records, same)) return Outcome::written;
    out_.records.push_back({.entity = link.entity, .key = std::move(key)});
    run_record(link, out_.records.size() - 1);
    return Outcome::written;
}

}  // namespace tributary::mapping
