// Compiler: turns one MappingFile into a Program, adding every problem that it finds. Private to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/mapping/compile.hpp"
#include "gateway/mapping/lua.hpp"
#include "gateway/mapping/program.hpp"

namespace tributary::mapping {

class Compiler {
  public:
    Compiler(const record::Model& model, const Lookups& lookups, spec::Problems& problems)
        : model_(model), lookups_(lookups), problems_(problems) {}

    // nullptr exactly when problems were added.
    std::unique_ptr<Program> compile(MappingFile file);
    // The lookups that the mapping named, for its version.
    const std::vector<std::string>& used_lookups() const { return used_lookups_; }

  private:
    // One target with what is written for it, or with what is written below it ("name.given").
    struct Branch {
        std::string name;
        spec::Place place;
        const Form* form = nullptr;
        std::vector<Branch> children;
    };
    // Where paths lead: the record, or the elements of an `each`.
    struct Scope {
        Reads* reads = nullptr;
        Each* each = nullptr;                     // nullptr: the record
        const record::FieldSet* known = nullptr;  // what a canonical source has; nullptr: anything
    };

    // compiler.cpp: the file
    void compile_direction(const MappingFile& file);
    void compile_rules(const MappingFile& file);
    void compile_consent(const MappingFile& file);

    // compiler_object.cpp: targets
    void grow(std::vector<Branch>& branches, const Forms& forms);
    void place(std::vector<Branch>& branches, std::string_view target, const Form& form);
    Object compile_object(const Forms& forms, const record::FieldSet* known);
    Object compile_branches(const std::vector<Branch>& branches, const record::FieldSet* known);
    void compile_branch(const Branch& branch, const record::FieldSet* known, Object& object);
    void add_members(const record::FieldSet& known, Object& object);
    void compile_link(const Branch& branch, const record::FieldSet* known, Object& object);
    void unknown_field(const Branch& branch, const record::FieldSet& known);

    // compiler_value.cpp: one field
    // `element`: of a list, so one value even where the model has a list.
    void compile_form(const Form& form, const record::Field* type, Field& field, bool element = false);
    void compile_list(const Form& form, const record::Field* type, Field& field);
    void compile_each(const Form& form, const record::Field* type, Field& field);
    void compile_source(const Form& form, Field& field);
    void compile_type(const Form& form, const record::Field* type, Field& field, bool element);
    void compile_outward(const Form& form, Field& field);
    void compile_converter(const Form& form, const record::Field& type, Field& field);
    bool check_options(const Form& form, const record::Field& type);
    void compile_constants(const Form& form, Field& field);
    void compile_lookup(const Form& form, Field& field);
    std::optional<value::Document> canonical(const Field& field, const spec::Yaml& yaml, bool whole);

    // compiler_source.cpp: paths, templates, conditions, scripts
    Source source(const spec::Placed<std::string>& path);
    void check_known(const Path& path, const spec::Place& place);
    std::vector<TextPiece> pieces(const spec::Placed<std::string>& text);
    Condition condition(const ConditionForm& form);
    KeyTable words(const std::vector<spec::Yaml>& values);
    std::shared_ptr<const LuaChunk> script(const spec::Placed<std::string>& code);

    void problem(const spec::Place& place, std::string message) { problems_.add(place, std::move(message)); }
    const record::Entity* entity(const spec::Placed<std::string>& name);

    const record::Model& model_;
    const Lookups& lookups_;
    spec::Problems& problems_;
    std::unique_ptr<Program> program_;
    Defaults defaults_;
    std::vector<Scope> scopes_;
    const record::Entity* from_ = nullptr;
    bool payment_data_ = false;  // of the entity whose fields are being compiled
    std::vector<std::string> used_lookups_;
    std::optional<Lua> lua_;
};

}  // namespace tributary::mapping
