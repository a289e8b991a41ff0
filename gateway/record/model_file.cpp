#include "gateway/record/model_file.hpp"

#include <algorithm>

#include "gateway/record/type.hpp"

namespace tributary::record {

namespace {

spec::Type<std::string> class_name() {
    return spec::text(
        {.name = "class", .expected = "P0, P1, P2 or P3", .pattern = "^P[0-3]$", .holds = [](std::string_view text) {
             return data_class_named(text).has_value();
         }});
}

void check_field(const FieldFile& field, const spec::Yaml& yaml, spec::Problems& problems) {
    const bool is_enum = field.type.value == "enum";
    if (is_enum == field.values.empty())
        problems.add(yaml.place(), is_enum ? "an enum needs its values" : "values belong to type: enum alone");
    if ((field.type.value == "object") == field.fields.empty())
        problems.add(yaml.place(),
                     field.fields.empty() ? "an object needs its fields" : "fields belong to type: object alone");
    if (!field.default_value.empty() && std::ranges::find(field.values, field.default_value) == field.values.end())
        problems.add(yaml.place(), "the default is not one of the values");
    if (!field.range.empty() && field.type.value != "integer" && field.type.value != "decimal")
        problems.add(yaml.place(), "range belongs to type: integer and decimal alone");
    if (!field.to.value.empty() && field.type.value != "reference")
        problems.add(yaml.place(), "to belongs to type: reference alone");
}

}  // namespace

const spec::Type<FieldFile>& describe(spec::Tag<FieldFile>) {
    using F = FieldFile;
    static const spec::Type<F> type =
        spec::Object<F>("model_field", "one field of the canonical model")
            .field("type", &F::type,
                   {.summary = "a scalar type, object, map, a nested type or an entity", .example = "text"})
            .field("list", &F::list, {.summary = "an array of these", .required = false})
            .field("required", &F::required, {.summary = "every record has it", .required = false})
            .field("class", &F::data_class, class_name(),
                   {.summary = "public, internal, personal or sensitive; members inherit it",
                    .required = false,
                    .example = "P2"})
            .field("key", &F::key, spec::text(spec::name_rule()),
                   {.summary = "what identity may match on", .required = false})
            .field("values", &F::values,
                   {.summary = "enum: the closed list", .required = false, .example = "[open, closed]"})
            .field("default", &F::default_value, {.summary = "enum: what holds when nothing is set", .required = false})
            .field("max", &F::max, spec::integer<std::int64_t>(1, 1 << 24),
                   {.summary = "text: characters; map: bytes", .required = false})
            .field("max_items", &F::max_items, spec::integer<std::int64_t>(1, 1 << 20),
                   {.summary = "list: how many at most", .required = false})
            .field("range", &F::range, spec::list_of(spec::type_of<std::int64_t>(), 2, 2),
                   {.summary = "integer and decimal: the least and the greatest value",
                    .required = false,
                    .example = "[1, 4]"})
            .field("to", &F::to, {.summary = "reference: the entity it points at", .required = false})
            .field("gateway", &F::gateway,
                   {.summary = "set by the gateway; a mapping may not write it", .required = false})
            .field("fields", &F::fields, spec::ordered_map_of(spec::type_of<F>(), spec::name_rule()),
                   {.summary = "object: its members", .required = false})
            .place(&F::place)
            .check(check_field)
            .type();
    return type;
}

const spec::Type<EntityFile>& describe(spec::Tag<EntityFile>) {
    using E = EntityFile;
    static const spec::Type<E> type =
        spec::Object<E>("canonical_entity", "one entity or nested type of the canonical model")
            .field("entity", &E::entity, spec::text(spec::name_rule()),
                   {.summary = "an entity's name", .required = false})
            .field("type", &E::type, spec::text(spec::name_rule()),
                   {.summary = "a nested type's name", .required = false})
            .field("envelope", &E::envelope, {.summary = "the fields that every entity has", .required = false})
            .field("about", &E::about, {.summary = "one sentence"})
            .field("subject", &E::subject, {.summary = "its records are about a person or customer", .required = false})
            .field("payment_data", &E::payment_data,
                   {.summary = "card and account numbers in its texts are refused", .required = false})
            .field("require_any", &E::require_any,
                   {.summary = "one of these paths must hold a value", .required = false})
            .field("fields", &E::fields, spec::ordered_map_of(spec::type_of<FieldFile>(), spec::name_rule()),
                   {.summary = "the fields by name"})
            .place(&E::place)
            .check([](const E& file, const spec::Yaml& yaml, spec::Problems& problems) {
                if (int(!file.entity.empty()) + int(!file.type.empty()) + int(file.envelope) != 1)
                    problems.add(yaml.place(), "give exactly one of entity, type and envelope");
            })
            .type();
    return type;
}

const spec::Type<CustomFile>& describe(spec::Tag<CustomFile>) {
    static const spec::Type<CustomFile> type =
        spec::Object<CustomFile>("custom_fields", "the user's own fields, for each entity")
            .field("custom", &CustomFile::custom,
                   spec::map_of(spec::ordered_map_of(spec::type_of<FieldFile>(), spec::name_rule())),
                   {.summary = "fields by entity"})
            .example("custom: {contact: {loyalty_level: {type: enum, values: [silver, gold], class: P2}}}")
            .type();
    return type;
}

}  // namespace tributary::record
