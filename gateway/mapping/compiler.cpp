#include "gateway/mapping/compiler.hpp"

#include "gateway/base/text.hpp"

namespace tributary::mapping {

namespace {
constexpr std::string_view kExternal = "external";
constexpr std::string_view kConsentEvent = "consent_event";
}  // namespace

std::unique_ptr<Program> Compiler::compile(MappingFile file) {
    const auto before = problems_.errors();
    program_ = std::make_unique<Program>();
    program_->name = file.mapping.value;
    defaults_ = file.defaults;
    compile_direction(file);
    if (problems_.errors() != before) return nullptr;  // nothing below means anything without its entity
    scopes_ = {{.reads = &program_->reads, .known = from_ ? &from_->fields : nullptr}};
    program_->record.entity = program_->to;
    payment_data_ = program_->record.model && program_->record.model->payment_data;
    program_->record.object =
        compile_object(file.fields, program_->record.model ? &program_->record.model->fields : nullptr);
    compile_rules(file);
    compile_consent(file);
    program_->reads.freeze();
    program_->tests = std::move(file.tests);
    if (problems_.errors() != before) return nullptr;
    return std::move(program_);
}

void Compiler::compile_direction(const MappingFile& file) {
    if (file.from) {
        if (file.to && file.to->value != kExternal)
            problem(file.to->place, "a mapping with from makes records for a destination: to is external");
        program_->to = kExternal;
        program_->from = file.from->value;
        from_ = entity(*file.from);
        return;
    }
    if (!file.to) {
        problem(file.place,
                "either to (the canonical entity it makes) or from (the one that a destination gets) is needed");
        return;
    }
    if (file.to->value == kExternal) {
        problem(file.to->place, "a mapping to external needs from: the canonical entity that it reads");
        return;
    }
    // An act is kept with the record that it came with, which says whose it is.
    if (file.to->value == kConsentEvent) {
        problem(file.to->place, "an act of consent comes beside a record: map that one, and the act under its consent");
        return;
    }
    program_->to = file.to->value;
    program_->record.model = entity(*file.to);
}

const record::Entity* Compiler::entity(const spec::Placed<std::string>& name) {
    const auto* found = model_.entity(name.value);
    if (!found) {
        const auto near = nearest(name.value, model_.entity_names());
        problem(name.place,
                "the model has no entity of this name" +
                    (near ? "; did you mean " + *near + "?" : "; it has " + join(model_.entity_names(), ", ")));
    }
    return found;
}

void Compiler::compile_rules(const MappingFile& file) {
    for (const auto& path : file.require) {
        if (program_->record.model && !program_->record.model->fields.at_path(path.value))
            problem(path.place, "the entity " + program_->to + " has no field of this name");
        program_->require.push_back(path.value);
    }
    for (const auto& check : file.check) program_->checks.push_back({script(check.lua), check.message});
    if (file.skip) program_->skip = condition(*file.skip);
    if (file.deleted) program_->deleted = condition(*file.deleted);
}

void Compiler::compile_consent(const MappingFile& file) {
    if (file.consent.empty()) return;
    const auto* event = model_.entity(kConsentEvent);
    if (!event || program_->outward()) {
        problem(file.consent.front().place,
                event ? "a mapping for a destination tells of no consent" : "the model has no consent_event");
        return;
    }
    payment_data_ = event->payment_data;
    for (std::size_t i = 0; i < file.consent.size(); ++i) {
        const auto& form = file.consent[i];
        RecordPlan plan{
            .entity = std::string(kConsentEvent), .name = "consent[" + std::to_string(i) + "]", .model = event};
        if (form.when) plan.when = condition(*form.when);
        plan.object = compile_object(form.fields, &event->fields);
        program_->consent.push_back(std::move(plan));
        ++program_->records;
    }
}

}  // namespace tributary::mapping
