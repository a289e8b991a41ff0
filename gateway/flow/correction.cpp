#include "gateway/flow/correction.hpp"

#include <algorithm>

#include "gateway/record/classes.hpp"
#include "gateway/value/replace_at.hpp"

namespace tributary::flow {
namespace {

using value::PathStep;

// Another address was never verified, and did not bounce: of its element the kind stays alone, where it does not follow
// from the number.
void write_contact_point(value::Node before, value::Node point, value::Builder& out) {
    out.begin_object();
    for (const auto member : point) out.key(member.key()).copy(member);
    const auto type = before.find("type");
    if (type && !point.find("type")) out.key("type").copy(type);
    out.end();
}

bool is_contact_point(value::Node node) {
    return node.find("norm") || node.find("e164") || node.find("raw");
}

// What was put right may stand there already: each element of the list once.
value::Document without_twins(value::Node record, const std::string& list) {
    value::Builder out;
    out.begin_object();
    for (const auto member : record) {
        out.key(member.key());
        if (member.key() != list || !member.is(value::Kind::array)) {
            out.copy(member);
            continue;
        }
        std::vector<value::Node> kept;
        out.begin_array();
        for (const auto element : member) {
            if (std::ranges::any_of(kept, [&](value::Node one) { return same(one, element); })) continue;
            kept.push_back(element);
            out.copy(element);
        }
        out.end();
    }
    return out.end().take();
}

void count_elements(value::Node node, std::span<const PathStep> steps, std::size_t& count) {
    if (steps.empty()) return;
    const auto rest = steps.subspan(1);
    if (steps.front().kind == PathStep::Kind::member) return count_elements(node.find(steps.front().name), rest, count);
    if (steps.front().kind != PathStep::Kind::where || !node.is(value::Kind::array)) return;
    const bool last = std::ranges::none_of(rest, [](const auto& step) { return step.kind == PathStep::Kind::where; });
    for (const auto element : node) {
        if (!value::fits(element, steps.front().conditions)) continue;
        if (last)
            ++count;
        else
            count_elements(element, rest, count);
    }
}

}  // namespace

bool Correction::names_elements() const {
    return std::ranges::any_of(path, [](const PathStep& step) { return step.kind == PathStep::Kind::where; });
}

value::Document to_document(const std::vector<Correction>& corrections) {
    value::Builder out;
    out.begin_object();
    for (auto one = corrections.begin(); one != corrections.end(); ++one) {
        const auto text = one->text();
        const auto is_same = [&](const Correction& other) { return other.adds() && other.text() == text; };
        if (one->adds() && std::any_of(corrections.begin(), one, is_same)) continue;
        out.key(text);
        if (one->adds()) {
            out.begin_array();
            for (auto other = one; other != corrections.end(); ++other)
                if (is_same(*other)) out.copy(other->node());
            out.end();
        } else {
            out.copy(one->node());
        }
    }
    return out.end().take();
}

std::vector<Correction> corrections_from(value::Node kept) {
    std::vector<Correction> all;
    const auto take = [&](const value::ElementPath& path, value::Node node) {
        Correction one{path, {}};
        if (node) {
            value::Builder alone;
            alone.copy(node);
            one.value = alone.take();
        }
        all.push_back(std::move(one));
    };
    for (const auto member : kept) {
        const auto path = value::parse_element_path(member.key());
        if (!path) continue;  // it was checked before it was kept
        if (path->back().kind != PathStep::Kind::append)
            take(*path, member);
        else
            for (const auto element : member) take(*path, element);
    }
    return all;
}

bool same(value::Node a, value::Node b) {
    if (!a || !b) return !a && !b;
    for (const auto* part : {"norm", "e164"})
        if (const auto of_a = a.find(part), of_b = b.find(part); of_a && of_b) return of_a.text() == of_b.text();
    return record::canonical_hash(a) == record::canonical_hash(b);
}

bool is_carried(value::Node record, const Correction& correction) {
    if (correction.names_elements()) return false;
    if (!correction.adds()) return same(record.at_path(correction.text()), correction.node());
    const auto list = record.at_path(value::names_of(correction.path));
    return list.is(value::Kind::array) &&
           std::ranges::any_of(list, [&](value::Node element) { return same(element, correction.node()); });
}

std::size_t elements_named(value::Node record, const Correction& correction) {
    std::size_t count = 0;
    count_elements(record, correction.path, count);
    return count;
}

bool replaces(const Correction& later, const Correction& earlier) {
    if (!later.adds() && later.text() == earlier.text()) return true;
    if (later.path.size() != 2 || earlier.path.size() != 2 || later.path[0].name != earlier.path[0].name) return false;
    const auto &now = later.path[1], &before = earlier.path[1];
    if (later.node() && before.kind == PathStep::Kind::where) return value::fits(later.node(), before.conditions);
    return !later.node() && earlier.adds() && value::fits(earlier.node(), now.conditions);
}

Result<value::Document> lay(value::Node record, const Correction& correction) {
    const bool of_point = correction.path.back().kind == PathStep::Kind::where && is_contact_point(correction.node());
    TRY(auto laid, value::replace_at(record, correction.path, correction.node(),
                                     of_point ? value::Merge(write_contact_point) : value::Merge()));
    if (!correction.names_elements() || !correction.node()) return laid;
    return without_twins(laid.root(), correction.path.front().name);
}

}  // namespace tributary::flow
