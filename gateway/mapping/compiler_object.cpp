#include <algorithm>
#include <utility>

#include "gateway/base/text.hpp"
#include "gateway/mapping/compiler.hpp"

namespace tributary::mapping {

namespace {

constexpr std::size_t kMostMembers = 64;  // Runner keeps them in one word

bool is_nested(const Form& form) {
    return !form.fields.empty() && !form.each && !form.link;
}

bool takes_any_member(const record::Field* field) {
    return !field || field->type == record::Type::map;
}

}  // namespace

void Compiler::grow(std::vector<Branch>& branches, const Forms& forms) {
    for (const auto& [target, form] : forms) place(branches, target, form);
}

void Compiler::place(std::vector<Branch>& branches, std::string_view target, const Form& form) {
    const auto dot = target.find('.');
    const auto name = target.substr(0, dot);
    if (name.empty()) {
        problem(form.place, "a part of the target is empty; a target looks like name.given");
        return;
    }
    auto branch = std::ranges::find(branches, name, &Branch::name);
    const bool is_new = branch == branches.end();
    if (is_new) branch = branches.insert(branches.end(), {.name = std::string(name), .place = form.place});
    const bool nests = dot != std::string_view::npos || is_nested(form);
    if (!is_new && (!nests || branch->form)) {
        problem(form.place, "this field is written twice");
        return;
    }
    if (dot != std::string_view::npos)
        place(branch->children, target.substr(dot + 1), form);
    else if (nests)
        grow(branch->children, form.fields);
    else
        branch->form = &form;
    if (nests && dot == std::string_view::npos && form.when)
        problem(form.when->place, "a nested object has no when: give it to its fields");
}

Object Compiler::compile_object(const Forms& forms, const record::FieldSet* known) {
    std::vector<Branch> branches;
    grow(branches, forms);
    return compile_branches(branches, known);
}

Object Compiler::compile_branches(const std::vector<Branch>& branches, const record::FieldSet* known) {
    Object object;
    if (known) add_members(*known, object);
    for (const auto& branch : branches) compile_branch(branch, known, object);
    return object;
}

void Compiler::add_members(const record::FieldSet& known, Object& object) {
    for (const auto& field : known) {
        if (field.set_by_gateway || (!field.required && field.default_value.empty())) continue;
        if (object.members.size() == kMostMembers) return;
        Object::Member member{.name = field.name, .required = field.required};
        if (!field.default_value.empty()) member.fallback = value::Builder().text(field.default_value).take();
        object.members.push_back(std::move(member));
    }
}

void Compiler::compile_branch(const Branch& branch, const record::FieldSet* known, Object& object) {
    if (branch.form && branch.form->link) return compile_link(branch, known, object);
    const auto* type = known ? known->find(branch.name) : nullptr;
    if (known && !type) return unknown_field(branch, *known);
    if (type && type->set_by_gateway)
        return problem(branch.place, "the gateway sets this field; a mapping may not write it");
    Field field;
    field.key = branch.name;
    const auto member = std::ranges::find(object.members, branch.name, &Object::Member::name);
    if (member != object.members.end()) field.member = static_cast<int>(member - object.members.begin());
    if (branch.form) {
        compile_form(*branch.form, type, field);
    } else {
        if (type && type->list) return problem(branch.place, "this field is a list: write a list of forms, or each");
        if (!takes_any_member(type) && type->type != record::Type::object)
            return problem(branch.place,
                           std::string(name_of(type->type)) + " is one value and has no members to write");
        field.form = Field::Form::object;
        field.object = std::make_unique<Object>(
            compile_branches(branch.children, takes_any_member(type) ? nullptr : &type->fields));
    }
    object.fields.push_back(std::move(field));
}

void Compiler::unknown_field(const Branch& branch, const record::FieldSet& known) {
    std::vector<std::string> names;
    for (const auto& field : known)
        if (!field.set_by_gateway) names.push_back(field.name);
    const auto near = nearest(branch.name, names);
    problem(branch.place,
            "the model has no field " + branch.name + " here" +
                (near ? "; did you mean " + *near + "?" : "; fields of your own go to custom, a provider's to ext"));
}

void Compiler::compile_link(const Branch& branch, const record::FieldSet* known, Object& object) {
    const auto& form = *branch.form;
    if (!known) return problem(form.place, "links belong into canonical records");
    const auto* linked = entity(*form.link);
    const auto* reference = known->find(branch.name + "_ref");
    if (!reference) reference = known->find(branch.name);
    if (!reference || reference->type != record::Type::reference || reference->list)
        return problem(form.place, "a link needs a reference: the model has no field " + branch.name + "_ref here");
    if (!linked) return;
    if (!reference->target.empty() && reference->target != linked->name)
        return problem(form.link->place, reference->name + " points at " + reference->target);
    RecordPlan plan{.entity = linked->name, .name = branch.name, .model = linked};
    if (form.key.size() == 1 && form.key.front()->find('{') != std::string::npos)
        plan.key_pieces = pieces(form.key.front());
    else
        for (const auto& path : form.key) plan.key.push_back(source(path));
    plan.has_fields = !form.fields.empty();
    if (plan.has_fields) {
        const bool outer = std::exchange(payment_data_, linked->payment_data);
        plan.object = compile_object(form.fields, &linked->fields);
        payment_data_ = outer;
        ++program_->records;
    }
    Field field;
    field.form = Field::Form::link;
    field.key = reference->name;
    const auto member = std::ranges::find(object.members, reference->name, &Object::Member::name);
    if (member != object.members.end()) field.member = static_cast<int>(member - object.members.begin());
    if (form.when) field.when = std::make_unique<Condition>(condition(*form.when));
    field.link = std::make_unique<RecordPlan>(std::move(plan));
    object.fields.push_back(std::move(field));
}

}  // namespace tributary::mapping
