// Runner: runs a Program over one record. Private to this folder; lives for one call of Plan::run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/text.hpp"
#include "gateway/mapping/emitter.hpp"
#include "gateway/mapping/lua.hpp"
#include "gateway/mapping/mapped.hpp"
#include "gateway/mapping/plan.hpp"
#include "gateway/mapping/program.hpp"
#include "gateway/mapping/trace.hpp"

namespace tributary::mapping {

// Blank text that does not begin with a visible character; most texts do, so this is rarely asked.
bool is_blank(std::string_view text);

// Null, missing, blank text, and objects and arrays without content.
inline bool is_empty(value::Node node) {
    switch (node.kind()) {
        case value::Kind::missing:
        case value::Kind::null:
            return true;
        case value::Kind::text: {
            const auto text = node.text();
            return text.empty() || (static_cast<unsigned char>(text.front()) <= ' ' && is_blank(text));
        }
        case value::Kind::array:
        case value::Kind::object:
            return node.size() == 0;
        default:
            return false;
    }
}

// trim(), without the call for texts that need none.
inline std::string_view trimmed(std::string_view text) {
    const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' '; };
    return !text.empty() && visible(text.front()) && visible(text.back()) ? text : trim(text);
}

// One record under construction. Linked records nest, so there is a stack of these.
struct Workbench {
    value::Builder builder;
    Emitter emitter{builder};
};

// The level of the record that is being written, for the paths of issues.
struct Frame {
    const std::string* key = nullptr;
    const Each* each = nullptr;
    std::size_t target_index = 0, source_index = 0;
};

struct Scratch::Impl {
    std::vector<value::Node> slots;
    std::vector<std::unique_ptr<Workbench>> benches;
    std::vector<Frame> frames;
    std::vector<std::unique_ptr<value::Document>> counts;  // whole numbers as nodes, in blocks
    value::Builder values;                                 // results of templates
    std::vector<record::Issue> across;                     // of rules over several fields
    std::string text;
    record::Issue issue;              // of the conversion that is under way
    std::vector<const Field*> forms;  // of the lists that are being written, the innermost last
    std::vector<value::Node> seen;
    std::optional<Lua> lua;  // made when a script runs first

    value::Node count(std::size_t number);
};

class Runner {
  public:
    // `deleted`: the source says so, whatever the mapping's own condition.
    Runner(const Program& program, Scratch::Impl& scratch, Mapped& out, Trace* trace, bool deleted = false)
        : program_(program), scratch_(scratch), out_(out), trace_(trace), deleted_(deleted) {}

    void run(value::Node source);

  private:
    enum class Outcome : std::uint8_t { absent, written, failed };

    // runner.cpp: records and objects
    void run_record(const RecordPlan& plan, std::size_t at);
    void check_across(const RecordPlan& plan, value::Node record);
    void check_record();
    Outcome write_object(const Object& object, Emitter& out, bool always);
    Outcome write_field(const Field& field, Emitter& out);
    Outcome write_plain(const Field& field, Emitter& out);
    Outcome write_form(const Field& field, Emitter& out);

    // runner_value.cpp: one value
    Outcome put(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome put_nothing(const Field& field, const Source* source, Emitter& out);
    Outcome put_value(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome put_listed(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome put_one(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome put_looked_up(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome put_constant(const Field& field, const value::Document& constant, Emitter& out);
    Outcome convert(const Field& field, value::Node node, const Source* source, Emitter& out);
    Outcome convert_with_members(const Field& field, value::Node node, const Source* source, Emitter& out);
    // A card or account number where the model wants none: reported, whatever on_error says, and never written.
    bool refuses_payment_data(const Field& field, value::Node node, const Source* source);
    record::Context context_of(const Field& field) const;
    // What the converter said, with its issue in scratch.
    Outcome settle(const Field& field, record::Conversion done, const Source* source, Emitter& out);
    Outcome put_outward(const Field& field, value::Node node, const Source* source, Emitter& out);

    // runner_form.cpp: forms that are more than one value
    Outcome put_template(const Field& field, Emitter& out);
    Outcome put_script(const Field& field, Emitter& out);
    Outcome put_each(const Field& field, Emitter& out);
    Outcome put_element(const Field& field, value::Node element, Emitter& out);
    Outcome put_list(const Field& field, Emitter& out);
    Outcome put_distinct(const Field& field, std::size_t first, std::size_t last, Emitter& out);
    Outcome put_link(const Field& field, Emitter& out);

    // condition.cpp
    bool holds(const Condition& condition);

    bool empty(const Field& field, value::Node node) const {
        return is_empty(node) || (field.has_empty && declared_empty(field, node));
    }
    static bool declared_empty(const Field& field, value::Node node);
    // Missing when every candidate is empty.
    value::Node first_value(const Field& field, const Source*& source) const;
    value::Node at(const Source& source) const {
        return source.slot == kNoSlot ? value::Node{} : scratch_.slots[source.slot];
    }
    std::string_view word(value::Node node);  // a scalar as text; into the record or into scratch
    bool render(const std::vector<TextPiece>& pieces, std::string& out);
    Lua& lua();
    LuaArguments script_arguments() const;

    // runner_issue.cpp
    Outcome fault(const Field& field, std::string code, std::string message, const Source* source);
    void report(Level level, std::string code, std::string message, std::string target, const Source* source);
    std::string target_path(std::string_view last) const;
    std::string source_path(const Source& source) const;
    void tell(const Field& field, const Source* source, value::Node node, std::string how, Outcome outcome);

    const Program& program_;
    Scratch::Impl& scratch_;
    Mapped& out_;
    Trace* trace_;
    value::Node source_, item_;
    std::int64_t index_ = -1;
    std::size_t depth_ = 0;  // benches in use
    const RecordPlan* record_ = nullptr;
    bool deleted_ = false;
};

}  // namespace tributary::mapping
