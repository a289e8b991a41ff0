#include <re2/re2.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/mapping/compiler.hpp"

namespace tributary::mapping {

Source Compiler::source(const spec::Placed<std::string>& text) {
    const auto path = parse_path(text.value);
    if (!path) {
        problem(text.place, path.error().what);
        return {};
    }
    auto& here = scopes_.back();
    Source result{.path = text.value};
    if (path->start == Path::Start::position || path->start == Path::Start::number) {
        if (!here.each) {
            problem(text.place, text.value + " is known only inside each");
            return {};
        }
        auto& slot = path->start == Path::Start::position ? here.each->position : here.each->number;
        if (slot == kNoSlot) slot = program_->slots++;
        result.slot = slot;
        return result;
    }
    check_known(*path, text.place);
    auto& scope = path->start == Path::Start::record ? scopes_.front() : here;
    result.slot = scope.reads->add(path->steps, program_->slots);
    return result;
}

// A mapping for a destination reads canonical records, so its paths can be checked.
void Compiler::check_known(const Path& path, const spec::Place& place) {
    const auto* known = path.start == Path::Start::record ? scopes_.front().known : scopes_.back().known;
    for (const auto& step : path.steps) {
        if (!known) return;
        if (step.by_index) continue;
        const auto* field = known->find(step.key);
        if (!field) {
            std::vector<std::string> names;
            for (const auto& other : *known) names.push_back(other.name);
            const auto near = nearest(step.key, names);
            return problem(place, "the canonical record has no " + step.key + " here" +
                                      (near ? "; did you mean " + *near + "?" : ""));
        }
        known = field->type == record::Type::map || !field->has_members() ? nullptr : &field->fields;
    }
}

std::vector<TextPiece> Compiler::pieces(const spec::Placed<std::string>& text) {
    std::vector<TextPiece> all;
    std::string literal;
    std::string_view rest = text.value;
    while (!rest.empty()) {
        const char sign = rest.front();
        if ((sign == '{' || sign == '}') && rest.size() > 1 && rest[1] == sign) {
            literal += sign;
            rest.remove_prefix(2);
        } else if (sign == '{') {
            const auto close = rest.find('}');
            if (close == std::string_view::npos) {
                problem(text.place, "a '{' is not closed; write {{ for the sign itself");
                return all;
            }
            const auto path = std::string(trim(rest.substr(1, close - 1)));
            all.push_back({std::exchange(literal, {}), source({path, text.place})});
            rest.remove_prefix(close + 1);
        } else {
            literal += sign;
            rest.remove_prefix(1);
        }
    }
    if (all.empty()) problem(text.place, "a template names at least one {path}; a constant is written as value");
    all.push_back({std::move(literal), {}});
    return all;
}

KeyTable Compiler::words(const std::vector<spec::Yaml>& values) {
    std::vector<std::string> all;
    for (const auto& value : values) {
        if (!value.is_scalar())
            problem(value.place(), "expected a text, a number or a boolean; for null write empty: true");
        else if (std::ranges::find(all, value.text()) == all.end())
            all.push_back(value.text());
    }
    return KeyTable(std::move(all));
}

Condition Compiler::condition(const ConditionForm& form) {
    Condition result;
    using Test = Condition::Test;
    const auto group = [&](Test test, const std::vector<ConditionForm>& parts, bool negated) {
        result.test = test;
        result.negated = negated;
        for (const auto& part : parts) result.parts.push_back(condition(part));
    };
    const auto compare = [&](const std::vector<spec::Yaml>& values, bool negated) {
        result.test = Test::in;
        result.negated = negated;
        result.words = words(values);
    };
    if (form.path) result.source = source({*form.path, form.place});
    if (form.is)
        compare({*form.is}, false);
    else if (form.not_)
        compare({*form.not_}, true);
    else if (!form.in.empty())
        compare(form.in, false);
    else if (!form.not_in.empty())
        compare(form.not_in, true);
    else if (form.exists)
        result.test = Test::exists, result.negated = !*form.exists;
    else if (form.empty)
        result.test = Test::empty, result.negated = !*form.empty;
    else if (form.lua)
        result.test = Test::lua, result.lua = script(*form.lua);
    else if (!form.all.empty())
        group(Test::all, form.all, false);
    else if (!form.any.empty())
        group(Test::any, form.any, false);
    else if (!form.none.empty())
        group(Test::any, form.none, true);
    else if (form.matches) {
        result.test = Test::matches;
        re2::RE2::Options options(re2::RE2::Quiet);
        auto regex = std::make_shared<re2::RE2>(*form.matches, options);
        if (!regex->ok()) problem(form.place, "matches is not a regular expression (RE2): " + regex->error());
        result.regex = std::move(regex);
    }
    return result;
}

std::shared_ptr<const LuaChunk> Compiler::script(const spec::Placed<std::string>& code) {
    if (!lua_) lua_.emplace();
    if (const auto fine = lua_->check(code.value); !fine) problem(code.place, "lua: " + fine.error().message);
    return std::make_shared<const LuaChunk>(LuaChunk{code.value});
}

}  // namespace tributary::mapping
