#include "gateway/mapping/runner.hpp"

#include <algorithm>
#include <utility>

#include "gateway/record/cross_checks.hpp"

namespace tributary::mapping {

namespace {
constexpr std::size_t kBlock = 256;
}

value::Node Scratch::Impl::count(std::size_t number) {
    while (counts.size() * kBlock <= number) {
        value::Builder builder;
        builder.begin_array();
        for (std::size_t i = 0; i < kBlock; ++i) builder.integer(static_cast<std::int64_t>(counts.size() * kBlock + i));
        counts.push_back(std::make_unique<value::Document>(builder.end().take()));
    }
    return counts[number / kBlock]->root().at(number % kBlock);
}

Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

void Runner::run(value::Node source) {
    static const value::Document kNothing = [] {
        value::Builder nothing;
        nothing.begin_object().end();
        return nothing.take();
    }();
    if (deleted_ && !source.is(value::Kind::object)) source = kNothing.root();
    source_ = source;
    if (!source.is(value::Kind::object)) {
        report(Level::quarantine, "record_kind", "the record is not an object", {}, nullptr);
        return;
    }
    scratch_.slots.assign(program_.slots, value::Node{});
    scratch_.frames.clear();
    program_.reads.read(source, scratch_.slots.data());
    if (program_.skip && holds(*program_.skip)) {
        out_.skipped = out_.issues.empty();  // a script that failed has not decided
        return;
    }
    deleted_ = deleted_ || (program_.deleted && holds(*program_.deleted));
    out_.records.reserve(program_.records);
    out_.records.emplace_back();
    run_record(program_.record, 0);
    out_.records.front().deleted = deleted_;
    for (const auto& event : program_.consent) {
        if (event.when && !holds(*event.when)) continue;
        out_.records.emplace_back();
        run_record(event, out_.records.size() - 1);
    }
    if (!deleted_) check_record();
}

// Fills out_.records[at], which others may follow meanwhile.
void Runner::run_record(const RecordPlan& plan, std::size_t at) {
    const auto* outer = std::exchange(record_, &plan);
    const Frame frame{.key = &plan.name};
    if (!plan.name.empty()) scratch_.frames.push_back(frame);
    if (scratch_.benches.size() == depth_) scratch_.benches.push_back(std::make_unique<Workbench>());
    auto& bench = *scratch_.benches[depth_++];
    bench.emitter.begin_record();
    write_object(plan.object, bench.emitter, true);
    bench.emitter.end_record();
    --depth_;
    auto document = bench.builder.take();
    if (bench.emitter.hollow()) document = without_hollows(document.root());
    if (plan.model && !deleted_) check_across(plan, document.root());
    if (!plan.name.empty()) scratch_.frames.pop_back();
    auto& record = out_.records[at];
    record.entity = plan.entity;
    record.document = std::move(document);
    record_ = outer;
}

// The converters and the members of objects have checked each field: these are the model's rules over several.
void Runner::check_across(const RecordPlan& plan, value::Node record) {
    auto& found = scratch_.across;
    found.clear();
    record::check_across(*plan.model, record, found);
    for (auto& issue : found) {
        auto target = issue.code == "required_any" ? target_path({}) : target_path(issue.path);
        report(Level::quarantine, std::move(issue.code), std::move(issue.message), std::move(target), nullptr);
    }
}

void Runner::check_record() {
    const auto root = out_.records.front().document.root();
    for (const auto& path : program_.require) {
        if (root.at_path(path) ||
            std::ranges::any_of(out_.issues, [&](const Issue& issue) { return issue.target == path; }))
            continue;
        report(Level::quarantine, "required", "this mapping requires the field", path, nullptr);
    }
    // A rule about fields that are wrong already would only repeat that.
    if (program_.checks.empty() || !out_.accepted()) return;
    for (const auto& check : program_.checks) {
        const auto fine = lua().test(check.lua->code, {root, source_, {}, -1});
        if (!fine)
            report(Level::quarantine, fine.error().code, fine.error().message, {}, nullptr);
        else if (!*fine)
            report(Level::quarantine, "check", check.message, {}, nullptr);
    }
}

Runner::Outcome Runner::write_object(const Object& object, Emitter& out, bool always) {
    std::uint64_t settled = 0;
    bool any = always;
    for (const auto& field : object.fields) {
        const auto outcome = write_field(field, out);
        if (outcome == Outcome::absent) continue;
        any = true;
        if (field.member >= 0) settled |= std::uint64_t{1} << field.member;
    }
    if (!any) return Outcome::absent;
    for (std::size_t i = 0; i < object.members.size(); ++i) {
        if (settled >> i & 1U) continue;
        const auto& member = object.members[i];
        if (!member.fallback.empty())
            out.value(member.name).copy(member.fallback.root());
        else if (member.required && !deleted_)
            report(Level::quarantine, "required", "the model requires this field and the source has no value for it",
                   target_path(member.name), nullptr);
    }
    return Outcome::written;
}

Runner::Outcome Runner::write_field(const Field& field, Emitter& out) {
    if (field.plain && !trace_) return write_plain(field, out);
    if (field.when && !holds(*field.when)) {
        if (trace_) trace_->add({.target = target_path(field.key), .outcome = "not asked"});
        return Outcome::absent;
    }
    return write_form(field, out);
}

// Most fields: put() and all that it calls, for a field that needs none of their questions.
Runner::Outcome Runner::write_plain(const Field& field, Emitter& out) {
    const auto& source = field.from.front();
    const auto node = at(source);
    if (is_empty(node)) return field.has_fallback ? put_nothing(field, &source, out) : Outcome::absent;
    if (field.search_payment_data && refuses_payment_data(field, node, &source)) return Outcome::failed;
    auto& builder = out.value(field.key);
    const auto done = field.needs_context ? field.converter->convert(node, builder, scratch_.issue, context_of(field))
                                          : field.converter->convert(node, builder, scratch_.issue);
    return done == record::Conversion::written ? Outcome::written : settle(field, done, &source, out);
}

Runner::Outcome Runner::write_form(const Field& field, Emitter& out) {
    switch (field.form) {
        case Field::Form::from: {
            const Source* source = nullptr;
            const auto node = first_value(field, source);
            return node ? put_value(field, node, source, out) : put_nothing(field, source, out);
        }
        case Field::Form::constant:
            return put_constant(field, field.constant, out);
        case Field::Form::text_template:
            return put_template(field, out);
        case Field::Form::lua:
            return put_script(field, out);
        case Field::Form::link:
            return put_link(field, out);
        case Field::Form::each:
            return put_each(field, out);
        case Field::Form::list:
            return put_list(field, out);
        case Field::Form::object: {
            out.begin_object(field.key);
            scratch_.frames.push_back({.key = &field.key});
            const auto outcome = write_object(*field.object, out, false);
            scratch_.frames.pop_back();
            if (!out.end() || outcome == Outcome::absent) return Outcome::absent;
            return Outcome::written;
        }
    }
    return Outcome::absent;
}

}  // namespace tributary::mapping
