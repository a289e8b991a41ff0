// What people ask to be put right, in the forms of the model.
#include <algorithm>

#include "gateway/flow/correction.hpp"
#include "gateway/record/convert.hpp"

namespace tributary::flow {
namespace {

using record::Field;
using record::Type;
using value::PathStep;

bool is_contact_point(const Field& field) {
    return field.type == Type::email || field.type == Type::phone;
}

// By any of these it is the address or number that is meant, in the form that is compared.
bool names_point(const Field& field, std::string_view member) {
    return member.empty() || (field.type == Type::email ? member == "address" || member == "norm"
                                                        : member == "e164" || member == "raw" || member == "number");
}

value::Document alone(value::Node node) {
    value::Builder out;
    out.copy(node);
    return out.take();
}

class CorrectionReader {
  public:
    CorrectionReader(const record::Entity& entity, value::ElementPath path)
        : entity_(entity), path_(std::move(path)), shape_(value::shape_of(path_)) {}

    Result<std::vector<Correction>> read(value::Node value) {
        CHECK_OK(settle_steps());
        const auto* field = entity_.fields.at_path(value::names_of(path_));
        if (!field || field->set_by_gateway) return wrong("a " + entity_.name + " has no such field");
        if (const auto* list = list_of_last_member(); list && is_contact_point(*list)) {
            TRY(field, settle_point(*list, value));
        }
        const bool element = path_.back().kind != PathStep::Kind::member;
        if (field->list != element)
            return wrong(field->list
                             ? "is a list: name one element, such as emails[address=old@example.com], or add one "
                               "with []"
                             : "is no list");
        if (path_.back().kind == PathStep::Kind::append) return additions(*field, value);
        if (!element || value) CHECK_OK(check_whole(*field));
        if (!value) return one({});
        TRY(auto converted, convert(*field, value));
        return one(std::move(converted));
    }

  private:
    std::unexpected<Error> wrong(std::string what) const { return fail(Fault::bad_input, std::move(what), shape_); }

    std::vector<Correction> one(value::Document value) const {
        std::vector<Correction> all;
        all.push_back({path_, std::move(value)});
        return all;
    }

    // What is looked for, as the model has it.
    Result<void> settle_steps() {
        for (std::size_t i = 0; i < path_.size(); ++i) {
            auto& step = path_[i];
            if (step.kind == PathStep::Kind::index)
                return wrong(
                    "an element is named by what it is, such as emails[address=old@example.com]: its position "
                    "differs from source to source");
            if (step.kind == PathStep::Kind::append && (i != 1 || i + 1 != path_.size()))
                return wrong("[] adds an element to a list of the " + entity_.name + " itself");
            if (step.kind != PathStep::Kind::where) continue;
            const auto* list = entity_.fields.at_path(value::names_of(std::span(path_).first(i)));
            if (!list || !list->list) return wrong("is no list");
            for (auto& condition : step.conditions) CHECK_OK(settle_condition(*list, condition));
        }
        return {};
    }

    Result<void> settle_condition(const Field& list, value::Condition& condition) const {
        value::Builder out;
        const auto text = out.begin_array().text(condition.is).end().take();
        const auto sought = text.root().at(0);
        if (is_contact_point(list) && names_point(list, condition.member)) {
            TRY(const auto point, convert(list, sought, true));
            for (const auto* member : {"norm", "e164", "raw"})
                if (const auto part = point.root().find(member)) {
                    condition = {member, std::string(part.text())};
                    break;
                }
            return {};
        }
        const auto* member = condition.member.empty() ? &list : list.fields.find(condition.member);
        if (!member || member->has_members() || member->type == Type::map)
            return wrong("its elements are not told apart by that: name a member that holds one value");
        TRY(const auto converted, convert(*member, sought));
        condition.is = converted.root().scalar_text();
        return {};
    }

    // The list of whose element the last step names a member.
    const Field* list_of_last_member() const {
        if (path_.size() < 2 || path_[path_.size() - 2].kind != PathStep::Kind::where) return nullptr;
        if (path_.back().kind != PathStep::Kind::member) return nullptr;
        return entity_.fields.at_path(value::names_of(std::span(path_).first(path_.size() - 1)));
    }

    // The address itself is the element: what else is said of it belongs to the old one.
    Result<const Field*> settle_point(const Field& list, value::Node value) {
        const auto member = path_.back().name;
        if (member == "type") return list.fields.find(member);
        if (!names_point(list, member) || member == "norm")
            return wrong("follows from the address or number: correct that");
        if (!value) return wrong("is what the element is: take the element out");
        path_.pop_back();
        return &list;
    }

    Result<std::vector<Correction>> additions(const Field& field, value::Node value) const {
        const bool several = value.is(value::Kind::array);
        if (!value || (several && value.size() == 0)) return wrong("takes the element to add, or a list of them");
        std::vector<Correction> all;
        const auto add = [&](value::Node node) -> Result<void> {
            Correction added{path_, {}};
            if (field.type == Type::object) {
                TRY(added.value, members(field, node));
            } else {
                TRY(added.value, convert(field, node));
            }
            all.push_back(std::move(added));
            return {};
        };
        if (!several) {
            CHECK_OK(add(value));
            return all;
        }
        for (const auto element : value) CHECK_OK(add(element));
        return all;
    }

    Result<value::Document> members(const Field& field, value::Node node) const {
        if (!node.is(value::Kind::object)) return wrong("takes an object of members");
        value::Builder out;
        out.begin_object();
        for (const auto member : node) {
            const auto* known = field.fields.find(member.key());
            if (!known || known->type == Type::object) return wrong("has no such member, or one with members");
            if (!member) continue;
            if (known->list != member.is(value::Kind::array))
                return wrong(known->name + (known->list ? " is a list" : " is no list"));
            out.key(member.key());
            if (known->list) out.begin_array();
            for (std::size_t i = 0; i < (known->list ? member.size() : 1); ++i) {
                TRY(const auto converted, convert(*known, known->list ? member.at(i) : member));
                out.copy(converted.root());
            }
            if (known->list) out.end();
        }
        return out.end().take();
    }

    Result<void> check_whole(const Field& field) const {
        if (field.type == Type::object || field.type == Type::map || field.type == Type::reference)
            return wrong("has members: correct one of them");
        return {};
    }

    // `unreadable`: a number that could not be read is kept as it was written, and may be looked for.
    Result<value::Document> convert(const Field& field, value::Node value, bool unreadable = false) const {
        CHECK_OK(check_whole(field));
        TRY(const auto converter, record::Converter::compile(field, {}));
        value::Builder out;
        record::Issue issue;
        out.begin_object().key("value");
        const auto done = converter.convert(value, out, issue);
        if (done != record::Conversion::written && !(unreadable && done == record::Conversion::flagged))
            return wrong(issue.message.empty() ? "the value does not fit" : issue.message);
        const auto whole = out.end().take();
        return alone(whole.root().find("value"));
    }

    const record::Entity& entity_;
    value::ElementPath path_;
    const std::string shape_;
};

}  // namespace

Result<std::vector<Correction>> read_corrections(const record::Entity& entity, value::Node fields) {
    if (!fields.is(value::Kind::object) || fields.size() == 0)
        return fail(Fault::bad_input, "takes an object of fields and what is right", "corrections");
    std::vector<Correction> all;
    for (const auto member : fields) {
        auto path = value::parse_element_path(member.key());
        if (!path) return pass(std::move(path), "corrections");
        TRY(auto read, CorrectionReader(entity, std::move(*path)).read(member));
        for (auto& one : read) all.push_back(std::move(one));
    }
    return all;
}

}  // namespace tributary::flow
