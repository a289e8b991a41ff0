#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/mapping/compiler.hpp"
#include "gateway/record/currency.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::mapping {

namespace {

bool all_upper(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool is_currency_code(std::string_view text) {
    return text.size() == 3 && all_upper(text) && record::find_currency(text);
}
// Two capitals are a country, also one that does not exist: the converter says so.
bool is_region_code(std::string_view text) {
    return text.size() == 2 && all_upper(text);
}

std::optional<record::Rounding> rounding_named(std::string_view name) {
    if (name == "half_even") return record::Rounding::half_even;
    if (name == "half_up") return record::Rounding::half_up;
    if (name == "down") return record::Rounding::down;
    if (name == "refuse") return record::Rounding::refuse;
    return std::nullopt;
}

bool has_shape_options(const Form& form) {
    return form.format || form.zone || form.rounding || form.decimal_mark || form.label || form.currency ||
           form.region || form.minor || form.strict || form.truncate || !form.with.empty();
}

}  // namespace

void Compiler::compile_form(const Form& form, const record::Field* type, Field& field, bool element) {
    field.on_error = form.on_error;
    if (form.when) field.when = std::make_unique<Condition>(condition(*form.when));
    if (type && type->list) field.most = type->max_items;
    if (!form.list.empty()) return compile_list(form, type, field);
    if (form.each) return compile_each(form, type, field);
    if (form.link) return problem(form.link->place, "a link stands beside the fields of an object, not inside a list");
    if (!form.fields.empty()) {  // inside a list; elsewhere nested objects are branches
        if (type && type->type != record::Type::object && type->type != record::Type::map)
            return problem(form.place, "this field has no members to write");
        field.form = Field::Form::object;
        field.object = std::make_unique<Object>(
            compile_object(form.fields, type && type->has_members() ? &type->fields : nullptr));
        return;
    }
    if (type && type->type == record::Type::object)
        return problem(form.place, std::string("this field has members: write ") +
                                       (type->list ? "each with fields" : "fields, or dotted targets"));
    compile_type(form, type, field, element);
    compile_source(form, field);
    compile_constants(form, field);
    const bool is_text =
        !type || type->type == record::Type::map || (type->type == record::Type::text && type->match_key.empty());
    field.search_payment_data = payment_data_ && is_text;
    field.plain = field.form == Field::Form::from && field.from.size() == 1 && field.converter && !field.listed &&
                  !field.lookup && !field.object && !field.when && !field.has_empty;
}

void Compiler::compile_list(const Form& form, const record::Field* type, Field& field) {
    if (type && !type->list)
        return problem(form.place,
                       "this field is one value, not a list; from: [a, b] takes the first that is not empty");
    field.form = Field::Form::list;
    for (const auto& element : form.list) {
        if (!element.list.empty() || element.each) {
            problem(element.place, "a list inside a list: write each as the whole field");
            continue;
        }
        field.list.emplace_back();
        compile_form(element, type, field.list.back(), true);
    }
    field.plain_list = type && type->type == record::Type::text;
}

void Compiler::compile_each(const Form& form, const record::Field* type, Field& field) {
    if (type && !type->list) return problem(form.place, "each makes a list, and this field is one value");
    field.form = Field::Form::each;
    field.each = std::make_unique<Each>();
    auto& each = *field.each;
    each.source = source(*form.each);
    const auto* known = scopes_.back().known;
    if (known) {
        const auto* list = known->at_path(*form.each.value());
        known = list && list->has_members() ? &list->fields : nullptr;
    }
    scopes_.push_back({.reads = &each.reads, .each = &each, .known = known});
    if (form.where) each.where = condition(*form.where);
    if (form.item) {
        each.item = std::make_unique<Field>();
        compile_form(*form.item, type, *each.item, true);
    } else if (type && type->type != record::Type::object && type->type != record::Type::map) {
        problem(form.place, "the elements of this list are values: write item instead of fields");
    } else {
        each.object = std::make_unique<Object>(
            compile_object(form.fields, type && type->has_members() ? &type->fields : nullptr));
    }
    scopes_.pop_back();
    each.reads.freeze();
}

void Compiler::compile_source(const Form& form, Field& field) {
    for (const auto& path : form.from) field.from.push_back(source(path));
    if (form.value) field.form = Field::Form::constant;
    if (form.text_template) {
        field.form = Field::Form::text_template;
        field.pieces = pieces(*form.text_template);
    }
    if (form.lua) {
        field.form = Field::Form::lua;
        field.lua = script(*form.lua);
    }
}

void Compiler::compile_type(const Form& form, const record::Field* type, Field& field, bool element) {
    field.empty = form.empty.empty() ? defaults_.empty : form.empty;
    field.false_is_empty = form.false_is_empty.value_or(defaults_.false_is_empty);
    field.has_empty = field.false_is_empty || !field.empty.empty();
    if (type) {
        field.listed = type->list && !element;
        return compile_converter(form, *type, field);
    }
    if (program_->outward() && form.as &&
        (form.as->value == "amount" || form.as->value == "number" || form.as->value == "timestamp"))
        return compile_outward(form, field);
    if (!form.as) {
        if (has_shape_options(form)) problem(form.place, "these options need a type: say it with as");
        return;
    }
    const auto named = record::type_named(form.as->value);
    if (!named || *named == record::Type::object || *named == record::Type::map ||
        *named == record::Type::enumeration || *named == record::Type::reference) {
        auto names = record::type_names();
        if (program_->outward()) names.insert(names.end(), {"amount", "number"});
        const auto near = nearest(form.as->value, names);
        return problem(form.as->place, "a value cannot be read as this" + (near ? "; did you mean " + *near + "?"
                                                                                : "; types are " + join(names, ", ")));
    }
    field.own_type = std::make_unique<record::Field>();
    field.own_type->name = field.own_type->path = field.key;
    field.own_type->type = *named;
    compile_converter(form, *field.own_type, field);
}

void Compiler::compile_outward(const Form& form, Field& field) {
    field.outward = form.as->value == "timestamp" ? Outward::timestamp
                    : form.as->value == "number"  ? Outward::number
                                                  : Outward::amount;
    field.format = form.format.value_or("rfc3339");
    field.zone = form.zone ? *form.zone : defaults_.zone.value_or("UTC");
    if (field.outward != Outward::timestamp) {
        if (form.format || form.zone) problem(form.place, "format and zone belong to as: timestamp");
        return;
    }
    if (const auto tried = record::TimestampFormat::compile(field.format, field.zone); !tried)
        problem(form.place, tried.error().what);
}

// What needs an answer before any record comes.
bool Compiler::check_options(const Form& form, const record::Field& type) {
    const auto before = problems_.errors();
    if (form.rounding && !rounding_named(*form.rounding)) problem(form.place, "rounding is half_even, half_up or down");
    if (form.decimal_mark && *form.decimal_mark != "." && *form.decimal_mark != ",")
        problem(form.place, "decimal_mark is '.' or ','");
    if (type.type == record::Type::money && !form.currency && !defaults_.currency)
        problem(form.place, "money without a currency: say which with currency, a code or the path of one");
    const bool dated = type.type == record::Type::timestamp && form.format;
    const bool tells_zone = dated && (form.format->find('%') == std::string::npos
                                          ? *form.format != "tryton" && *form.format != "date"
                                          : std::ranges::any_of(std::array{"%z", "%Z", "%s"}, [&](const char* part) {
                                                return form.format->find(part) != std::string::npos;
                                            }));
    if (dated && !tells_zone && !form.zone && !defaults_.zone)
        problem(form.place, "this format has no offset: say the zone");
    return problems_.errors() == before;
}

void Compiler::compile_converter(const Form& form, const record::Field& type, Field& field) {
    if (!check_options(form, type)) return;
    record::Options options;
    if (form.as) options.as = form.as->value;
    options.format = form.format.value_or("");
    if (form.zone)
        options.zone = *form.zone;
    else if (type.type == record::Type::timestamp)
        options.zone = defaults_.zone.value_or("");
    if (form.rounding) options.rounding = *rounding_named(*form.rounding);
    if (form.decimal_mark) options.decimal_mark = form.decimal_mark->front();
    options.minor = form.minor.value_or(false);
    options.label = form.label.value_or("");
    options.strict = form.strict.value_or(false);
    options.truncate = form.truncate.value_or(false);
    options.empty = field.empty;
    options.false_is_empty = field.false_is_empty;
    const auto& currency = form.currency ? form.currency : defaults_.currency;
    if (currency && (form.currency || type.type == record::Type::money)) {
        if (is_currency_code(currency->value))
            options.currency = currency->value;
        else if (type.type == record::Type::money)
            field.currency = source(*currency);
        else
            options.currency = currency->value;  // the converter says that it has no use for it
    }
    const auto& region = form.region ? form.region : defaults_.region;
    if (region && (form.region || type.type == record::Type::phone)) {
        if (is_region_code(region->value))
            options.region = region->value;
        else if (type.type == record::Type::phone)
            field.region = source(*region);
        else
            options.region = region->value;
    }
    auto converter = record::Converter::compile(type, options);
    if (!converter) return problem(form.as ? form.as->place : form.place, converter.error().what);
    field.converter = std::move(*converter);
    field.raw_constants = field.currency.slot != kNoSlot;
    field.needs_context = field.raw_constants || field.region.slot != kNoSlot;
    if (form.with.empty()) return;
    const bool has_room =
        type.type == record::Type::money || type.type == record::Type::phone || type.type == record::Type::email;
    if (!has_room)
        return problem(form.place, "with adds members beside a money, phone or email value; this is a " +
                                       std::string(name_of(type.type)));
    field.object = std::make_unique<Object>(compile_object(form.with, type.has_members() ? &type.fields : nullptr));
    field.object->members.clear();  // the value itself brings what is required
}

void Compiler::compile_constants(const Form& form, Field& field) {
    if (form.value) {
        if (field.raw_constants) return problem(form.place, "a constant of money needs a fixed currency code");
        if (auto constant = canonical(field, *form.value, true)) field.constant = std::move(*constant);
    }
    if (form.fallback) {
        field.has_fallback = true;
        if (auto constant = canonical(field, *form.fallback, true)) field.fallback = std::move(*constant);
    }
    if (form.otherwise) {
        field.has_otherwise = true;
        if (auto constant = canonical(field, *form.otherwise, false)) field.otherwise = std::move(*constant);
    }
    if (form.lookup) compile_lookup(form, field);
}

void Compiler::compile_lookup(const Form& form, Field& field) {
    const auto* table = &*form.lookup;
    if (table->is_scalar()) {
        const auto found = lookups_.find(table->text());
        if (found == lookups_.end()) {
            std::vector<std::string> names;
            for (const auto& [name, yaml] : lookups_) names.push_back(name);
            const auto near = nearest(table->text(), names);
            return problem(table->place(), "no lookup is named \"" + std::string(table->text()) +
                                               "\" in mappings/lookups" +
                                               (near ? "; did you mean " + *near + "?" : ""));
        }
        used_lookups_.push_back(found->first);
        table = &found->second;
    }
    if (!table->is_map()) return problem(table->place(), "a lookup is a map from the source's words to values");
    field.lookup = std::make_unique<Lookup>();
    std::vector<std::string> keys;
    for (const auto& entry : table->children()) {
        auto value = canonical(field, entry, false);
        if (!value) continue;
        keys.emplace_back(trim(entry.key()));
        field.lookup->values.push_back(std::move(*value));
    }
    field.lookup->words = KeyTable(std::move(keys));
}

// A constant as it will stand in the record; `whole`: for a list field, the list.
std::optional<value::Document> Compiler::canonical(const Field& field, const spec::Yaml& yaml, bool whole) {
    auto given = spec::to_document(yaml);
    if (!field.converter || field.raw_constants || yaml.is_null()) return given;
    const bool list = whole && field.listed;
    value::Builder builder;
    record::Issue issue;
    const auto convert = [&](value::Node node) {
        const auto done = field.converter->convert(node, builder, issue);
        if (done == record::Conversion::written || done == record::Conversion::flagged) return true;
        problem(yaml.place(), done == record::Conversion::invalid ? issue.message : "this constant is empty");
        return false;
    };
    if (!list) return convert(given.root()) ? std::optional(builder.take()) : std::nullopt;
    builder.begin_array();
    if (!given.root().is(value::Kind::array)) {
        if (!convert(given.root())) return std::nullopt;
    } else {
        for (const auto element : given.root())
            if (!convert(element)) return std::nullopt;
    }
    return builder.end().take();
}

}  // namespace tributary::mapping
