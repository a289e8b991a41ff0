#include "gateway/connector/declarative/stream.hpp"

#include "gateway/spec/settled.hpp"

namespace tributary::connector {

void StreamRule::check(const Names& names, spec::Problems& problems) const {
    auto here = names;
    Pager::names(here);
    if (cursor && !job) here.any("cursor");
    if (cursor && cursor->window) here.any("until");
    if (job) {
        job->check(names, cursor.has_value(), problems);
        here.only("job", job->saved());
    }
    request.check(here, problems);
    auto with_record = names;
    with_record.any("record");
    key.text.check(with_record, problems);
    connector::check(add, with_record, problems);
    for (const auto& each : include) {
        auto inner = names;
        each.each ? inner.any("record") : inner.any("keys");
        each.rows.check(inner, problems);
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
    struct Written : Include, ReadRule {};
    static const auto written =
        spec::Object<Written>("include", "rows read along and put into each record")
            .field("into", &Include::into, {.summary = "the member that is added"})
            .field("request", &ReadRule::request, {.summary = "{keys} for a whole page, {record} with each: true"})
            .field("records", &ReadRule::records, {.summary = "where its rows stand", .required = false})
            .field("pages", &ReadRule::pages, {.summary = "how its answers are split", .required = false})
            .field("each", &Include::each, {.summary = "one request for each record", .required = false})
            .field("parent", &Include::parent,
                   {.summary = "path in the record whose values are {keys}", .required = false})
            .field("child", &Include::child,
                   {.summary = "path in the row that names its record's parent value", .required = false})
            .field("single", &Include::single, {.summary = "the first row instead of a list", .required = false})
            .field("errors", &Include::errors, {.summary = "asked before the connector's own", .required = false})
            .field("size", &Include::size, spec::integer<int>(1, 10000),
                   {.summary = "{keys} in one request at most; default: all", .required = false})
            .check([](const Written& include, const spec::Yaml& yaml, spec::Problems& problems) {
                if (!include.each && (include.parent.empty() || include.child.empty()))
                    problems.add(yaml.place(), "give parent and child, or each: true");
                if (include.each && include.size > 0)
                    problems.add(yaml.place(), "size counts {keys}: it does not go with each: true");
                if (include.pages.result_cap || include.pages.complete)
                    problems.add(yaml.place(), "pages of an include know no result_cap and no complete");
            })
            .type();
    static const auto type = spec::settled<Include>(
        written, [](auto& include, const spec::Yaml&) { include.rows = static_cast<ReadRule&>(include); });
    return type;
}

const spec::Type<FetchRule>& describe(spec::Tag<FetchRule>) {
    static const auto type =
        spec::Object<FetchRule>("fetch", "one record by its id, for thin webhooks")
            .field("request", &FetchRule::request, {.summary = "the request, with {id}"})
            .field("records", &FetchRule::records, {.summary = "where the record stands", .required = false})
            .field("errors", &FetchRule::errors, {.summary = "asked before the stream's own", .required = false})
            .type();
    return type;
}

const spec::Type<StreamRule>& describe(spec::Tag<StreamRule>) {
    static const auto type =
        spec::Object<StreamRule>("stream", "what can be read from the system")
            .field("description", &StreamRule::description, {.summary = "for people", .required = false})
            .field("request", &StreamRule::request, {.summary = "the request for one page"})
            .field("records", &StreamRule::records, {.summary = "where records stand in the answer", .required = false})
            .field("key", &StreamRule::key, {.summary = "the record's key within the stream"})
            .field("cursor", &StreamRule::cursor,
                   {.summary = "how it knows what changed; without it each run reads all"})
            .field("job", &StreamRule::job, {.summary = "an export that is prepared first; `request` then reads it"})
            .field("pages", &StreamRule::pages,
                   {.summary = "how answers are split; default: one holds everything", .required = false})
            .field("include", &StreamRule::include, {.summary = "rows read along", .required = false})
            .field("add", &StreamRule::add,
                   {.summary = "members that are added to each record, made of {record} itself", .required = false})
            .field("fetch", &StreamRule::fetch, {.summary = "how one record is read by its id"})
            .field("deleted", &StreamRule::deleted, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "tests that mark a record as deleted", .required = false})
            .field("errors", &StreamRule::errors, {.summary = "asked before the connector's own", .required = false})
            .check([](const StreamRule& stream, const spec::Yaml& yaml, spec::Problems& problems) {
                const auto& asking = stream.job ? stream.job->create : stream.request;
                const bool asked = !stream.cursor || !stream.cursor->parameter.empty() || stream.cursor->newest_first ||
                                   asking.uses("cursor");
                if (!asked)
                    problems.add(yaml.place(),
                                 "the cursor is never sent: give it a parameter, put {cursor} into the request, or say "
                                 "newest_first");
                if (stream.cursor && stream.cursor->window && stream.cursor->until_parameter.empty() &&
                    !stream.request.uses("until"))
                    problems.add(
                        yaml.place(),
                        "the window's end is never sent: give the cursor an until_parameter or put {until} into "
                        "the request");
                if (stream.cursor && stream.cursor->window && stream.job)
                    problems.add(yaml.place(), "an export job knows no window");
                if (stream.pages.result_cap && !stream.cursor)
                    problems.add(yaml.place(), "result_cap needs a cursor to narrow the read");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
