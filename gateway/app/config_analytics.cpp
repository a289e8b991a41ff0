// analytics of gateway.yaml.
#include "gateway/app/config_spec.hpp"

namespace tributary::app {
namespace {

struct As {
    record::Generalisation generalisation;
    bool pseudonym = false;
};

const spec::Type<As>& as_type() {
    static const spec::TextRule rule{.name = "as", .expected = "pseudonym, decade, year, month or first_1 to first_9"};
    static const auto type = spec::from_text<As>(rule, [](std::string_view text) -> Result<As> {
        if (text == "pseudonym") return As{{}, true};
        TRY(const auto how, record::Generalisation::parse(text));
        return As{how, false};
    });
    return type;
}

struct WrittenColumn {
    std::string from;
    std::optional<As> as;
    bool quasi = false;
};

const spec::Type<WrittenColumn>& column_type() {
    using C = WrittenColumn;
    static const auto type =
        spec::Object<C>("column", "one value of each row")
            .field("from", &C::from, spec::text({.name = "path"}),
                   {.summary = "a path in the canonical record, or `person`: whom the row is about",
                    .example = "addresses[0].country"})
            .field("as", &C::as, as_type(),
                   {.summary = "coarser: decade, year or month of a date or time, first_1 to first_9 characters; or "
                               "pseudonym: a keyed hash. Left out, the value itself",
                    .example = "decade"})
            .field("quasi", &C::quasi,
                   {.summary = "others could know it of a person, so it counts for k", .fallback = "false"})
            .type();
    return type;
}

enum class People { pseudonymous, anonymous };

struct WrittenExport {
    spec::Placed<std::string> entity, purpose;
    People people = People::anonymous;
    std::size_t k = 0;
    std::vector<spec::Named<WrittenColumn>> columns;
    spec::Place place;
};

const spec::Type<WrittenExport>& export_type() {
    using E = WrittenExport;
    static const auto people = spec::choice<People>(
        "people", {{"anonymous", People::anonymous, "no column may single anybody out"},
                   {"pseudonymous", People::pseudonymous, "rows of one person can be told to belong together"}});
    static const auto name = spec::placed(spec::text(spec::path_name_rule()));
    static const auto type =
        spec::Object<E>("export", "rows for reports, of people who may be in them")
            .field("entity", &E::entity, name, {.summary = "of the canonical model", .example = "contact"})
            .field("purpose", &E::purpose, name,
                   {.summary = "has to be allowed for each person", .fallback = "analytics.report"})
            .field("people", &E::people, people, {.summary = "how they appear", .fallback = "anonymous"})
            .field("k", &E::k, spec::integer<std::size_t>(2, 1000),
                   {.summary = "rows whose quasi-identifiers fit fewer people are left out", .fallback = "5"})
            .field("columns", &E::columns, spec::ordered_map_of(column_type(), spec::name_rule()),
                   {.summary = "what each row holds, by name"})
            .place(&E::place)
            .example(
                "entity: contact\ncolumns:\n  born: { from: birth_date, as: decade, quasi: true }\n"
                "  country: { from: \"addresses[0].country\", quasi: true }\n  lifecycle: { from: lifecycle }\n")
            .type();
    return type;
}

struct Written {
    std::filesystem::path folder;
    std::vector<spec::Named<WrittenExport>> exports;
};

}  // namespace

const spec::Type<AnalyticsConfig>& describe(spec::Tag<AnalyticsConfig>) {
    static const auto written =
        spec::Object<Written>("analytics", "exports for reports, without names")
            .field("folder", &Written::folder, path_type(),
                   {.summary = "where they are written", .fallback = "analytics"})
            .field("exports", &Written::exports, spec::ordered_map_of(export_type(), spec::name_rule()),
                   {.summary = "by a name of your choice", .fallback = "{}"})
            .type();
    static const spec::Type<AnalyticsConfig> type(
        written.shape_pointer(),
        [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<AnalyticsConfig> {
            auto read = written.parse(yaml, problems);
            if (!read) return std::nullopt;
            AnalyticsConfig out{std::move(read->folder), {}};
            for (auto& [name, one] : read->exports) {
                AnalyticsExportConfig made{.entity = one.entity, .purpose = one.purpose, .place = one.place};
                made.what = {name, *one.entity, *one.purpose, one.people == People::anonymous, one.k, {}};
                for (auto& [column, from] : one.columns) {
                    const auto as = from.as.value_or(As{});
                    made.what.columns.push_back({column, from.from, as.generalisation, as.pseudonym, from.quasi});
                }
                out.exports.push_back(std::move(made));
            }
            return out;
        });
    return type;
}

}  // namespace tributary::app
