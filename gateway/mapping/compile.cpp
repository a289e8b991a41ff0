#include "gateway/mapping/compile.hpp"

#include <algorithm>
#include <filesystem>

#include "gateway/mapping/compiler.hpp"

namespace tributary::mapping {

namespace {

// FNV-1a, 64 bits: tells two versions of one mapping apart, and is no defence against anybody.
class Fingerprint {
  public:
    void add(std::string_view text) {
        for (const char c : text) step(static_cast<unsigned char>(c));
        step(0);
    }
    void add(char mark) { step(static_cast<unsigned char>(mark)); }

    std::string text() const {
        std::string out;
        for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash_ >> shift & 15U];
        return out;
    }

  private:
    void step(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001B3ULL; }
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

void add(Fingerprint& print, const spec::Yaml& yaml) {
    print.add(yaml.is_map() ? '{' : yaml.is_sequence() ? '[' : yaml.quoted() ? 'q' : 's');
    print.add(yaml.text());
    for (const auto& child : yaml.children()) {
        if (yaml.path().empty() && (child.key() == "tests" || child.key() == "about")) continue;
        print.add(child.key());
        add(print, child);
    }
    print.add('.');
}

void add(Fingerprint& print, const record::FieldSet& fields) {
    for (const auto& field : fields) {
        print.add(field.path);
        print.add(name_of(field.type));
        print.add(field.list ? 'l' : 'v');
        print.add(field.required ? 'r' : 'o');
        print.add(field.default_value);
        for (const auto& value : field.values) print.add(value);
        if (field.type == record::Type::object) add(print, field.fields);
    }
}

}  // namespace

namespace {

// A file with a wrong part: what can be read of it, so that the problems of the rest are told in the same run.
void check_readable_parts(const spec::Yaml& mapping, const record::Model& model, const Lookups& lookups,
                          spec::Problems& problems) {
    if (!mapping.is_map()) return;
    spec::Problems known;  // told already
    MappingFile file;
    file.place = mapping.place();
    const auto name = [&](const char* key, std::optional<spec::Placed<std::string>>& into) {
        if (const auto* yaml = mapping.find(key)) into = spec::type_of<spec::Placed<std::string>>().parse(*yaml, known);
    };
    name("to", file.to);
    name("from", file.from);
    if (const auto* yaml = mapping.find("defaults"))
        if (auto defaults = spec::type_of<Defaults>().parse(*yaml, known)) file.defaults = std::move(*defaults);
    const auto* fields = mapping.find("fields");
    if (!fields || !fields->is_map() || (!file.to && !file.from)) return;
    for (const auto& field : fields->children())
        if (auto form = spec::type_of<Form>().parse(field, known))
            file.fields.push_back({field.key(), std::move(*form)});
    Compiler(model, lookups, problems).compile(std::move(file));
}

}  // namespace

std::shared_ptr<const Plan> compile(const spec::Yaml& mapping, const record::Model& model, const Lookups& lookups,
                                    spec::Problems& problems) {
    const auto before = problems.errors();
    auto file = spec::type_of<MappingFile>().parse(mapping, problems);
    if (!file) {
        check_readable_parts(mapping, model, lookups, problems);
        return nullptr;
    }
    Compiler compiler(model, lookups, problems);
    auto program = compiler.compile(std::move(*file));
    if (!program || problems.errors() != before) return nullptr;
    Fingerprint print;
    add(print, mapping);
    for (const auto& name : compiler.used_lookups()) add(print, lookups.find(name)->second);
    if (const auto* entity = model.entity(program->outward() ? program->from : program->to)) add(print, entity->fields);
    program->version = print.text();
    return std::make_shared<const Plan>(std::move(program));
}

std::shared_ptr<const Plan> compile_text(std::string_view text, std::string file, const record::Model& model,
                                         const Lookups& lookups, spec::Problems& problems) {
    const auto before = problems.errors();
    const auto yaml = spec::parse_yaml(text, std::move(file), problems);
    if (!yaml) return nullptr;
    auto plan = compile(*yaml, model, lookups, problems);
    return problems.errors() == before ? plan : nullptr;
}

namespace {

namespace fs = std::filesystem;

// *.yaml below the folder, sorted, so that problems come in the same order everywhere.
std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code none;
    for (fs::recursive_directory_iterator at(folder, none), end; !none && at != end; at.increment(none))
        if (at->is_regular_file(none) && at->path().extension() == ".yaml") files.push_back(at->path());
    std::ranges::sort(files);
    return files;
}

}  // namespace

Lookups load_lookups(const std::string& folder, spec::Problems& problems) {
    Lookups lookups;
    for (const auto& path : yaml_files(folder))
        if (auto yaml = spec::read_yaml(path.string(), problems))
            lookups.emplace(path.stem().string(), std::move(*yaml));
    return lookups;
}

Plans load_mappings(const std::string& folder, const record::Model& model, const Lookups& lookups,
                    spec::Problems& problems, const std::set<std::string, std::less<>>* only) {
    Plans plans;
    for (const auto& path : yaml_files(folder)) {
        const auto relative = path.lexically_relative(folder);
        if (*relative.begin() == "lookups" || *relative.begin() == "canonical") continue;
        const auto expected = fs::path(relative).replace_extension().generic_string();
        if (only && !only->contains(expected)) continue;
        const auto yaml = spec::read_yaml(path.string(), problems);
        if (!yaml) continue;
        const auto plan = compile(*yaml, model, lookups, problems);
        if (!plan) continue;
        if (plan->name() != expected)
            problems.add(yaml->place(), "the mapping is named " + plan->name() + ", but its file says " + expected);
        plans.emplace(plan->name(), plan);
    }
    return plans;
}

}  // namespace tributary::mapping
