// What an export may hold, by class and type of its columns.
#include <algorithm>

#include "gateway/flow/analytics_export.hpp"
#include "gateway/value/plain_path.hpp"

namespace tributary::flow {
namespace {

// Values that many share by their nature. A text, a number of an order or a time can single somebody out.
bool is_common(record::Type type) {
    using enum record::Type;
    switch (type) {
        case country:
        case region:
        case currency:
        case money:
        case decimal:
        case lang:
        case tz:
        case boolean:
        case integer:
        case enumeration:
            return true;
        default:
            return false;
    }
}

std::string flaw_of(const AnalyticsExport& wanted, const ExportColumn& column, const record::Entity& entity) {
    if (column.pseudonym && wanted.anonymous)
        return "a pseudonym singles a person out: leave it out, or set people: pseudonymous";
    if (column.from == "person") return column.pseudonym ? "" : "who it is about goes as a pseudonym alone";
    const auto* field = entity.fields.at_path(value::without_indexes(column.from));
    if (!field) return "entity " + entity.name + " has no field " + column.from;
    if (field->has_members() || field->type == record::Type::map) return column.from + " has members: name one of them";
    if (field->data_class == record::DataClass::p3_sensitive)
        return column.from + " is of class P3, which does not go into reports";
    if (column.pseudonym || column.quasi) return {};
    const bool personal = field->data_class == record::DataClass::p2_personal;
    if (personal)
        return column.from +
               " is personal: make it a pseudonym, or a quasi-identifier (quasi: true), generalised as far as the "
               "report can bear";
    if (field->type == record::Type::uid || field->type == record::Type::reference)
        return column.from + " names a record: make it a pseudonym";
    if (wanted.anonymous && !is_common(field->type))
        return column.from + " may single a person out: make it a quasi-identifier (quasi: true), generalised";
    return {};
}

}  // namespace

std::vector<ExportFlaw> check_export(const AnalyticsExport& wanted, const record::Model& model) {
    std::vector<ExportFlaw> flaws;
    const auto& entity = *model.entity(wanted.entity);
    for (const auto& column : wanted.columns)
        if (auto what = flaw_of(wanted, column, entity); !what.empty()) flaws.push_back({column.name, std::move(what)});
    if (wanted.anonymous && std::ranges::none_of(wanted.columns, &ExportColumn::quasi))
        flaws.push_back({"", "no column is a quasi-identifier: say which of them others could know of a person"});
    return flaws;
}

}  // namespace tributary::flow
