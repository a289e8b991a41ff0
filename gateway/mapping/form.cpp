#include "gateway/mapping/form.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"

namespace tributary::mapping {

namespace {

using spec::one_or_many;
using spec::Placed;
using spec::type_of;

spec::FieldNote may(std::string summary) {
    return {.summary = std::move(summary), .required = false};
}

void check_condition(const ConditionForm& form, const spec::Yaml& yaml, spec::Problems& problems) {
    const int compares = form.is.has_value() + form.not_.has_value() + !form.in.empty() + !form.not_in.empty() +
                         form.exists.has_value() + form.empty.has_value() + form.matches.has_value();
    const int groups = form.lua.has_value() + !form.all.empty() + !form.any.empty() + !form.none.empty();
    if (form.path ? compares != 1 || groups != 0 : compares != 0 || groups != 1)
        problems.add(yaml.place(),
                     "a condition is either a path with one of is, not, in, not_in, exists, empty, matches, "
                     "or one of lua, all, any, none");
}

// The forms, and the keys that only some of them know.
void check_form(const Form& form, const spec::Yaml& yaml, spec::Problems& problems) {
    std::vector<std::string> written;
    for (const auto* key : {"from", "value", "template", "lua", "link", "each"})
        if (yaml.find(key)) written.emplace_back(key);
    if (written.empty() && !form.fields.empty()) written.emplace_back("fields");
    if (written.size() != 1) {
        problems.add(yaml.place(), written.empty() ? "one of from, value, template, lua, link, each or fields is needed"
                                                   : "only one of " + join(written, ", ") + " can give the value");
        return;
    }
    const auto& source = written.front();
    const auto only_with = [&](const char* key, std::initializer_list<std::string_view> sources) {
        const auto* place = yaml.find(key);
        if (place && std::ranges::find(sources, source) == sources.end())
            problems.add(place->key_place(), std::string(key) + " has no meaning beside " + source);
    };
    only_with("key", {"link"});
    only_with("where", {"each"});
    only_with("item", {"each"});
    only_with("fields", {"link", "each", "fields"});
    for (const auto* key :
         {"lookup", "otherwise", "as", "format", "zone", "currency", "region", "minor", "rounding", "decimal_mark",
          "label", "strict", "truncate", "empty", "false_is_empty", "with", "default"})
        only_with(key, {"from", "template", "lua"});
    if (source == "link" && form.key.empty())
        problems.add(yaml.place(), "a link needs a key: the path of the other record's id");
    if (source == "each" && form.fields.empty() == !form.item)
        problems.add(yaml.place(), "each needs either fields, for a list of objects, or item, for a list of values");
    if (form.otherwise && !form.lookup)
        problems.add(yaml.find("otherwise")->key_place(), "otherwise has no meaning without lookup");
}

spec::Type<Form> form_object() {
    return spec::Object<Form>("field", "where one field of the record comes from")
        .place(&Form::place)
        .field("from", &Form::from, one_or_many(type_of<Placed<std::string>>()),
               may("a path, or several: the first that is not empty counts"))
        .field("value", &Form::value, may("a constant"))
        .field("template", &Form::text_template,
               may("a text with {path} in it; what surrounds a missing part goes with it"))
        .field("lua", &Form::lua, may("Lua 5.4 that returns the value; knows record, item and index"))
        .field("link", &Form::link,
               may("another entity, found or made by `key`: written as a record of its own and as NAME_ref"))
        .field("key", &Form::key, one_or_many(type_of<Placed<std::string>>()),
               may("with link: the other record's id in this system, a path or a template"))
        .field("each", &Form::each, may("a list: one element for each element at this path"))
        .field("where", &Form::where, may("with each: which elements count"))
        .field("item", &Form::item, may("with each: the form of a single value"))
        .field("fields", &Form::fields, may("the members of a nested object, of each element, or of the linked record"))
        .field("as", &Form::as,
               may("the type; in a canonical mapping the field's own type, which then takes more spellings"))
        .field("format", &Form::format, may("timestamp, date: how the source writes it"))
        .field("zone", &Form::zone, may("timestamp: the zone of values without an offset"))
        .field("currency", &Form::currency, may("money: an ISO 4217 code, or the path of one"))
        .field("minor", &Form::minor, may("money: the source counts minor units"))
        .field("rounding", &Form::rounding,
               may("money, decimal: half_even, half_up or down, for sources with too many digits"))
        .field("decimal_mark", &Form::decimal_mark, may("the decimal mark in texts: '.' or ','"))
        .field("region", &Form::region, may("phone: the country of national numbers, a code or the path of one"))
        .field("label", &Form::label, may("phone, email: its kind, such as work or mobile"))
        .field("strict", &Form::strict, may("phone: an unreadable number is an error, not a doubtful value"))
        .field("truncate", &Form::truncate, may("text: what is too long is cut"))
        .field("empty", &Form::empty, may("texts that mean no value, such as N/A"))
        .field("false_is_empty", &Form::false_is_empty, may("the source writes false for no value"))
        .field("lookup", &Form::lookup,
               may("a map from the source's words to values, or the name of a file in mappings/lookups"))
        .field("otherwise", &Form::otherwise, may("with lookup: the value for every other word"))
        .field("default", &Form::fallback, may("the value when the source has none"))
        .field("with", &Form::with, may("members beside the value of a money, phone or email field"))
        .field("when", &Form::when, may("the field is written only then"))
        .field("on_error", &Form::on_error,
               {.summary = "what a wrong value does: quarantine the record, or drop the field and record the issue",
                .required = false})
        .check(check_form)
        .type();
}

}  // namespace

// Here, where Form is complete: it holds lists of itself.
Form::Form() = default;
Form::~Form() = default;
Form::Form(Form&&) noexcept = default;
Form& Form::operator=(Form&&) noexcept = default;

const spec::Type<OnError>& describe(spec::Tag<OnError>) {
    static const auto type =
        spec::choice<OnError>("on_error", {{"quarantine", OnError::quarantine, "the record is not passed on"},
                                           {"drop", OnError::drop, "the field is left out"}});
    return type;
}

const spec::Type<ConditionForm>& describe(spec::Tag<ConditionForm>) {
    static const auto full =
        spec::Object<ConditionForm>("condition", "a question to the source record")
            .place(&ConditionForm::place)
            .field("path", &ConditionForm::path, may("the place that is looked at"))
            .field("is", &ConditionForm::is, may("equal as text: 1 and \"1\" are the same"))
            .field("not", &ConditionForm::not_, may("not equal"))
            .field("in", &ConditionForm::in, may("equal to one of these"))
            .field("not_in", &ConditionForm::not_in, may("equal to none of these"))
            .field("exists", &ConditionForm::exists, may("the key is there, perhaps with null"))
            .field("empty", &ConditionForm::empty, may("missing, null, blank, or without elements"))
            .field("matches", &ConditionForm::matches, may("a regular expression (RE2) that the whole text fits"))
            .field("lua", &ConditionForm::lua, may("Lua 5.4 that returns true or false"))
            .field("all", &ConditionForm::all, may("every one of these holds"))
            .field("any", &ConditionForm::any, may("at least one of these holds"))
            .field("none", &ConditionForm::none, may("none of these holds"))
            .check(check_condition)
            .type();
    static const auto type = spec::with_short_form<ConditionForm>(
        full, spec::Yaml::Kind::scalar, spec::text(),
        [](std::string path) { return ConditionForm{.path = std::move(path), .empty = false}; });
    return type;
}

const spec::Type<Form>& describe(spec::Tag<Form>) {
    static const auto listed = spec::with_short_form<Form>(form_object(), spec::Yaml::Kind::sequence,
                                                           spec::list_of(type_of<Form>()), [](std::vector<Form> list) {
                                                               Form form;
                                                               if (!list.empty()) form.place = list.front().place;
                                                               form.list = std::move(list);
                                                               return form;
                                                           });
    static const auto type = spec::with_short_form<Form>(listed, spec::Yaml::Kind::scalar,
                                                         type_of<Placed<std::string>>(), [](Placed<std::string> path) {
                                                             Form form;
                                                             form.place = path.place;
                                                             form.from.push_back(std::move(path));
                                                             return form;
                                                         });
    return type;
}

}  // namespace tributary::mapping
