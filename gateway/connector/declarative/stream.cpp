#include "gateway/connector/declarative/stream.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::connector {
namespace {

value::Document zipped(value::Node row, const std::vector<std::string>& columns) {
    value::Builder out;
    out.begin_object();
    for (std::size_t i = 0; i < columns.size(); ++i) out.key(columns[i]).copy(row.at(i));
    out.end();
    return out.take();
}

value::Document copied(value::Node node, const std::vector<spec::Named<std::string>>& rename) {
    value::Builder out;
    if (rename.empty()) {
        out.copy(node);
        return out.take();
    }
    out.begin_object();
    for (const auto member : node) {
        const auto found = std::ranges::find(rename, member.key(), &spec::Named<std::string>::name);
        out.key(found == rename.end() ? member.key() : std::string_view(found->value)).copy(member);
    }
    out.end();
    return out.take();
}

spec::Type<RecordsRule> records_type() {
    static const auto type = spec::with_short_form<RecordsRule>(
        spec::Object<RecordsRule>("records", "where records stand in an answer")
            .field("at", &RecordsRule::at, {.summary = "path of the list; '.' is the whole body", .required = false})
            .field("element", &RecordsRule::element,
                   {.summary = "path inside each element, such as node", .required = false})
            .field("columns", &RecordsRule::columns,
                   {.summary = "rows are lists: the names of their columns", .required = false})
            .field("rename", &RecordsRule::rename,
                   {.summary = "members to be renamed, old name: new name", .required = false})
            .type(),
        spec::Yaml::Kind::scalar, spec::text(), [](std::string at) { return RecordsRule{.at = std::move(at)}; });
    return type;
}

}  // namespace

Result<std::vector<value::Document>> RecordsRule::read(const Answer& answer) const {
    std::vector<value::Document> out;
    if (answer.root().is(value::Kind::null)) return out;
    const auto found = find_in(answer.root(), at);
    if (found.is(value::Kind::missing)) return fail(Fault::bad_config, fmt::format("the answer has no '{}'", at));
    if (found.is(value::Kind::null)) return out;
    const auto add = [&](value::Node node) -> Result<void> {
        const auto inner = element.empty() ? node : find_in(node, element);
        const bool fits = inner.is(columns.empty() ? value::Kind::object : value::Kind::array);
        if (!fits)
            return fail(Fault::bad_config, fmt::format("an element of '{}' is not {}", at.empty() ? "the body" : at,
                                                       columns.empty() ? "an object" : "a list of columns"));
        out.push_back(columns.empty() ? copied(inner, rename) : zipped(inner, columns));
        return {};
    };
    if (!found.is(value::Kind::array)) {
        CHECK_OK(add(found));
        return out;
    }
    for (const auto node : found) CHECK_OK(add(node));
    return out;
}

void StreamRule::check(const Names& names, spec::Problems& problems) const {
    auto here = names;
    Pager::names(here);
    if (cursor) here.any("cursor");
    request.check(here, problems);
    auto with_record = names;
    with_record.any("record");
    key.text.check(with_record, problems);
    for (const auto& each : include) {
        auto inner = names;
        Pager::names(inner);
        each.each ? inner.any("record") : inner.any("keys");
        each.request.check(inner, problems);
    }
    if (fetch) {
        auto inner = names;
        fetch->request.check(inner.any("id"), problems);
    }
}

const spec::Type<KeyRule>& describe(spec::Tag<KeyRule>) {
    static const auto type = spec::from_text<KeyRule>(
        {.name = "key", .expected = "a path in the record, or a template over {record}"},
        [](std::string_view text) -> Result<KeyRule> {
            const auto written = std::string(text);
            TRY(auto compiled, Template::compile(written.contains('{') ? written : "{record." + written + "}"));
            return KeyRule{std::move(compiled), written};
        });
    return type;
}

const spec::Type<Include>& describe(spec::Tag<Include>) {
    static const auto type =
        spec::Object<Include>("include", "rows read along and put into each record")
            .field("into", &Include::into, {.summary = "the member that is added"})
            .field("request", &Include::request, {.summary = "{keys} for a whole page, {record} with each: true"})
            .field("records", &Include::records, records_type(), {.summary = "where its rows stand", .required = false})
            .field("pages", &Include::pages, {.summary = "how its answers are split", .required = false})
            .field("each", &Include::each, {.summary = "one request for each record", .required = false})
            .field("parent", &Include::parent,
                   {.summary = "path in the record whose values are {keys}", .required = false})
            .field("child", &Include::child,
                   {.summary = "path in the row that names its record's parent value", .required = false})
            .field("single", &Include::single, {.summary = "the first row instead of a list", .required = false})
            .check([](const Include& include, const spec::Yaml& yaml, spec::Problems& problems) {
                if (!include.each && (include.parent.empty() || include.child.empty()))
                    problems.add(yaml.place(), "give parent and child, or each: true");
                if (include.pages.result_cap || include.pages.complete)
                    problems.add(yaml.place(), "pages of an include know no result_cap and no complete");
            })
            .type();
    return type;
}

const spec::Type<FetchRule>& describe(spec::Tag<FetchRule>) {
    static const auto type = spec::Object<FetchRule>("fetch", "one record by its id, for thin webhooks")
                                 .field("request", &FetchRule::request, {.summary = "the request, with {id}"})
                                 .field("records", &FetchRule::records, records_type(),
                                        {.summary = "where the record stands", .required = false})
                                 .type();
    return type;
}

const spec::Type<StreamRule>& describe(spec::Tag<StreamRule>) {
    static const auto type =
        spec::Object<StreamRule>("stream", "what can be read from the system")
            .field("description", &StreamRule::description, {.summary = "for people", .required = false})
            .field("request", &StreamRule::request, {.summary = "the request for one page"})
            .field("records", &StreamRule::records, records_type(),
                   {.summary = "where records stand in the answer", .required = false})
            .field("key", &StreamRule::key, {.summary = "the record's key within the stream"})
            .field("cursor", &StreamRule::cursor,
                   {.summary = "how it knows what changed; without it each run reads all"})
            .field("pages", &StreamRule::pages,
                   {.summary = "how answers are split; default: one holds everything", .required = false})
            .field("include", &StreamRule::include, {.summary = "rows read along", .required = false})
            .field("fetch", &StreamRule::fetch, {.summary = "how one record is read by its id"})
            .field("deleted", &StreamRule::deleted, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "tests that mark a record as deleted", .required = false})
            .field("errors", &StreamRule::errors, {.summary = "asked before the connector's own", .required = false})
            .check([](const StreamRule& stream, const spec::Yaml& yaml, spec::Problems& problems) {
                const bool asked = !stream.cursor || !stream.cursor->parameter.empty() || stream.request.uses("cursor");
                if (!asked)
                    problems.add(yaml.place(),
                                 "the cursor is never sent: give it a parameter or put {cursor} into the request");
                if (stream.pages.result_cap && !stream.cursor)
                    problems.add(yaml.place(), "result_cap needs a cursor to narrow the read");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
