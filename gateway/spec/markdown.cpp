#include <fmt/format.h>

#include <set>

#include "gateway/base/text.hpp"
#include "gateway/spec/schema.hpp"

namespace tributary::spec {
namespace {

// A pipe would end the table's cell.
std::string cell(const std::string& text) {
    return replace_all(replace_all(text, "|", "\\|"), "\n", " ");
}

std::string default_cell(const FieldShape& field) {
    if (field.required) return "required";
    return field.note.fallback.empty() ? "" : "`" + cell(field.note.fallback) + "`";
}

std::string meaning_cell(const FieldShape& field) {
    std::vector<std::string> parts;
    if (!field.note.summary.empty()) parts.push_back(field.note.summary);
    const auto& shape = field.shape->resolved();
    for (const auto& choice : shape.choices)
        if (shape.kind == Shape::Kind::choice && !choice.summary.empty())
            parts.push_back(fmt::format("`{}`: {}", choice.name, choice.summary));
    if (!field.note.example.empty()) parts.push_back(fmt::format("such as `{}`", field.note.example));
    if (!field.note.deprecated.empty()) parts.push_back("deprecated: " + field.note.deprecated);
    return cell(join(parts, "; "));
}

// Whether the long form at the end of the forms is an object, which then has a section of that name.
bool has_section(const Shape& shape) {
    const auto& target = shape.resolved();
    if (target.kind == Shape::Kind::either) return has_section(*target.parts.back());
    return target.kind == Shape::Kind::object || target.kind == Shape::Kind::alternatives;
}

class Writer {
  public:
    Writer(int level, std::string prefix) : level_(level), prefix_(std::move(prefix)) {}

    std::string section(const NamedShape& named, bool root) const {
        const auto& shape = *named.shape;
        // An anchor of its own: what a heading with a dot is linked by differs from site to site.
        auto out = fmt::format("<a id=\"{}{}\"></a>\n\n", prefix_, named.name);
        out += fmt::format("{} {}\n\n", std::string(static_cast<std::size_t>(root ? level_ : level_ + 1), '#'),
                           named.name);
        if (!shape.summary.empty()) out += shape.summary + "\n\n";
        if (shape.kind == Shape::Kind::alternatives)
            out += alternatives_table(shape);
        else if (!shape.fields.empty() || !named.tag_value.empty())
            out += fields_table(named);
        for (const auto& example : shape.examples)
            out += fmt::format("```yaml\n{}{}```\n\n", example, example.ends_with('\n') ? "" : "\n");
        return out;
    }

  private:
    std::string link(const std::string& name) const { return fmt::format("[{}](#{}{})", name, prefix_, name); }

    std::string type_cell(const Shape& shape) const {
        switch (shape.kind) {
            case Shape::Kind::object:
            case Shape::Kind::alternatives:
                return link(shape.name);
            case Shape::Kind::list:
                return "list of " + type_cell(*shape.parts.front());
            case Shape::Kind::map:
                return "map of " + type_cell(*shape.parts.front());
            case Shape::Kind::either:
                return type_cell(*shape.parts.front()) + " or " + type_cell(*shape.parts.back());
            case Shape::Kind::reference: {
                const auto& target = shape.resolved();
                // A short form may contain itself: its name ends the recursion.
                if (target.kind != Shape::Kind::either) return type_cell(target);
                return has_section(target) ? link(target.name) : target.name;
            }
            case Shape::Kind::integer:
                if (shape.minimum && shape.maximum)
                    return fmt::format("integer {} to {}", *shape.minimum, *shape.maximum);
                return shape.minimum ? fmt::format("integer from {}", *shape.minimum) : "integer";
            default:
                return cell(label_of(shape));
        }
    }

    std::string fields_table(const NamedShape& named) const {
        std::string out = "| key | type | default | meaning |\n|---|---|---|---|\n";
        if (!named.tag_value.empty())
            out += fmt::format("| `{}` | `{}` | required | tells the alternatives apart |\n", named.shape->tag,
                               named.tag_value);
        for (bool advanced : {false, true})
            for (const auto& field : named.shape->fields)
                if (field.note.advanced == advanced)
                    out += fmt::format("| `{}` | {} | {} | {} |\n", field.key, type_cell(*field.shape),
                                       default_cell(field), meaning_cell(field));
        return out + "\n";
    }

    std::string alternatives_table(const Shape& shape) const {
        std::string out = fmt::format("| `{}` | fields | meaning |\n|---|---|---|\n", shape.tag);
        for (std::size_t i = 0; i < shape.parts.size(); ++i)
            out += fmt::format("| `{}` | {} | {} |\n", shape.choices[i].name,
                               link(shape.name + "." + shape.choices[i].name), cell(shape.choices[i].summary));
        return out + "\n";
    }

    int level_;
    std::string prefix_;
};

void check(const std::string& text, const std::string& name, const Accepts& accepts, Problems& problems) {
    if (auto yaml = parse_yaml(text, name, problems)) accepts(*yaml, problems);
}

}  // namespace

std::string markdown(const Shape& root, int level, const std::string& prefix) {
    Writer writer(level, prefix);
    std::string out;
    for (const auto& named : named_shapes(root)) out += writer.section(named, named.shape == &root.resolved());
    return out;
}

void check_examples(const Shape& root, Problems& problems) {
    std::set<std::string> names, forms;
    for (const auto* form : short_forms(root))
        if (!forms.insert(form->name).second) problems.add({}, "two types with a short form are called " + form->name);
    for (const auto& named : named_shapes(root)) {
        const auto& shape = *named.shape;
        if (!names.insert(named.name).second) problems.add({}, "two objects are called " + named.name);
        for (const auto& example : shape.examples) check(example, "example of " + named.name, shape.accepts, problems);
        for (const auto& field : shape.fields) {
            auto name = shape.name + "." + field.key;
            if (!field.note.fallback.empty()) check(field.note.fallback, "default of " + name, field.accepts, problems);
            if (!field.note.example.empty()) check(field.note.example, "example of " + name, field.accepts, problems);
        }
    }
}

}  // namespace tributary::spec
