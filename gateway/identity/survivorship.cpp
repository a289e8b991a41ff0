#include "gateway/identity/survivorship.hpp"

#include <algorithm>
#include <optional>

#include "gateway/spec/load.hpp"

namespace tributary::identity {

namespace {

// The file as it is written; what it leaves out stays as the built-in rules have it.
struct File {
    std::vector<std::string> sources;
    std::optional<std::vector<Strategy>> fallback;
    std::map<std::string, FieldRule> fields;
};

spec::Type<Strategy> strategy() {
    using enum Strategy;
    return spec::choice<Strategy>("strategy", {{"most_recent", most_recent, "the record that changed last"},
                                               {"oldest", oldest, "the record that changed first"},
                                               {"most_complete", most_complete, "the value with more in it"},
                                               {"verified", verified, "a value with verified_at before one without"},
                                               {"source_priority", source_priority, "the order of sources"},
                                               {"most_frequent", most_frequent, "the value that most records hold"},
                                               {"earliest", earliest, "the smallest value"},
                                               {"latest", latest, "the greatest value"},
                                               {"precedence", precedence, "the first of the field's precedence"},
                                               {"all", all, "the items of all records"},
                                               {"members", members, "member by member"},
                                               {"any_true", any_true, "true where any record says true"}});
}

bool is_composition(Strategy strategy) {
    return strategy == Strategy::all || strategy == Strategy::members || strategy == Strategy::any_true;
}

void check_rule(const FieldRule& rule, const spec::Yaml& yaml, spec::Problems& problems) {
    for (std::size_t i = 1; i < rule.strategies.size(); ++i)
        if (is_composition(rule.strategies[i]))
            problems.add(yaml.place(), "all, members and any_true stand first in a list of strategies");
    const bool ordered = std::ranges::find(rule.strategies, Strategy::precedence) != rule.strategies.end();
    if (ordered == rule.precedence.empty())
        problems.add(yaml.place(), ordered ? "the strategy precedence needs the list precedence"
                                           : "precedence needs the strategy precedence");
    const bool items = !rule.strategies.empty() && rule.strategies.front() == Strategy::all;
    if (!rule.same.empty() && !items) problems.add(yaml.place(), "same belongs to the strategy all");
}

spec::Type<FieldRule> field_rule() {
    auto full =
        spec::Object<FieldRule>("survivorship_field", "whose value of a field stands in the golden view")
            .field("by", &FieldRule::strategies, spec::one_or_many(strategy()),
                   {.summary = "strategies, asked in order"})
            .field("precedence", &FieldRule::precedence,
                   {.summary = "values, the winning one first", .required = false})
            .field("same", &FieldRule::same, {.summary = "members by which two items are the same", .required = false})
            .type();
    auto one = spec::with_short_form(full, spec::Yaml::Kind::scalar, strategy(), [](Strategy by) {
        return FieldRule{.strategies = {by}, .precedence = {}, .same = {}};
    });
    return spec::with_short_form(
        one, spec::Yaml::Kind::sequence, spec::list_of(strategy(), 1),
        [](std::vector<Strategy> by) { return FieldRule{.strategies = std::move(by), .precedence = {}, .same = {}}; });
}

const spec::Type<File>& file_type() {
    static const auto type =
        spec::Object<File>("survivorship", "how the golden view of a customer is put together")
            .field("sources", &File::sources, {.summary = "connections, most trusted first", .required = false})
            .field("fallback", &File::fallback, spec::list_of(strategy(), 1),
                   {.summary = "for fields that are not named", .required = false})
            .field("fields", &File::fields, spec::map_of(field_rule(), spec::name_rule()),
                   {.summary = "rules by field", .required = false})
            .check([](const File& file, const spec::Yaml& yaml, spec::Problems& problems) {
                for (const auto& [name, rule] : file.fields)
                    check_rule(rule, *yaml.find("fields")->find(name), problems);
                auto of_fields = [](Strategy by) { return is_composition(by) || by == Strategy::precedence; };
                if (file.fallback && std::ranges::any_of(*file.fallback, of_fields))
                    problems.add(yaml.place(),
                                 "all, members, any_true and precedence belong to single fields, not to the fallback");
            })
            .example(
                "{sources: [erp, webshop], fallback: [verified, most_recent], fields: {language: most_recent, emails: "
                "{by: [all, verified], same: [norm]}}}")
            .type();
    return type;
}

}  // namespace

Survivorship::Survivorship() {
    using enum Strategy;
    auto items = [](std::vector<std::string> same) { return FieldRule{{all}, {}, std::move(same)}; };
    fields["emails"] = items({"norm"});
    fields["phones"] = items({"e164"});
    fields["addresses"] = items({"country", "postal_code", "city", "lines"});
    fields["social"] = items({"network", "external_user_id"});
    fields["gov_ids"] = items({"scheme", "value"});
    fields["identifiers"] = items({"scheme", "value"});
    // Stronger words win: nobody is active again because one source does not know better.
    fields["status"] = {{precedence}, {"erased", "deceased", "restricted", "active", "inactive", "merged"}, {}};
    fields["do_not"] = {{any_true}, {}, {}};
    fields["custom"] = {{members}, {}, {}};
    fields["ext"] = {{members}, {}, {}};
    fields["created_at"] = {{earliest}, {}, {}};
    fields["first_seen_at"] = {{earliest}, {}, {}};
    fields["updated_at"] = {{latest}, {}, {}};
    fields["last_activity_at"] = {{latest}, {}, {}};
}

const spec::Type<Survivorship>& describe(spec::Tag<Survivorship>) {
    static const spec::Type<Survivorship> type(
        file_type().shape_pointer(),
        [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<Survivorship> {
            auto file = file_type().parse(yaml, problems);
            if (!file) return std::nullopt;
            Survivorship rules;
            rules.sources = std::move(file->sources);
            if (file->fallback) rules.fallback = std::move(*file->fallback);
            for (auto& [name, rule] : file->fields) rules.fields.insert_or_assign(name, std::move(rule));
            return rules;
        });
    return type;
}

Survivorship parse_survivorship(const spec::Yaml& yaml, spec::Problems& problems) {
    if (yaml.is_null()) return {};
    return spec::type_of<Survivorship>().parse(yaml, problems).value_or(Survivorship());
}

}  // namespace tributary::identity
