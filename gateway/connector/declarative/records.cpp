#include "gateway/connector/declarative/records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/connector/declarative/nested.hpp"

namespace tributary::connector {
namespace {

value::Document zipped(value::Node row, const std::vector<std::string>& columns) {
    value::Builder out;
    out.begin_object();
    for (std::size_t i = 0; i < columns.size(); ++i) out.key(columns[i]).copy(row.at(i));
    out.end();
    return out.take();
}

bool is_plain(value::Node node) {
    return node && !node.is(value::Kind::null) && !node.is(value::Kind::object) && !node.is(value::Kind::array);
}

value::Document wrapped(value::Node plain, const std::string& as) {
    value::Builder out;
    out.begin_object().key(as).copy(plain).end();
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

}  // namespace

Result<std::vector<value::Document>> RecordsRule::read(const Answer& answer) const {
    std::vector<value::Document> out;
    if (answer.root().is(value::Kind::null)) {
        // 204 says that there is nothing; 200 without a word may be a proxy's, and the rest of a list would be skipped.
        if (optional || answer.status == 204 || answer.status == 304) return out;
        return fail(Fault::transient,
                    fmt::format("the answer (HTTP {}) is empty; where that means no records, say optional: true",
                                answer.status));
    }
    if (is_nested(at)) return elements_at(answer.root(), at);
    const auto found = find_in(answer.root(), at);
    if (found.is(value::Kind::missing) && optional) return out;
    if (found.is(value::Kind::missing)) return fail(Fault::bad_config, fmt::format("the answer has no '{}'", at));
    if (found.is(value::Kind::null)) return out;
    const auto add = [&](value::Node node) -> Result<void> {
        const auto inner = element.empty() ? node : find_in(node, element);
        if (!as.empty() && is_plain(inner)) {
            out.push_back(wrapped(inner, as));
            return {};
        }
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

void ReadRule::check(const Names& names, spec::Problems& problems) const {
    auto here = names;
    Pager::names(here);
    request.check(here, problems);
}

const spec::Type<RecordsRule>& describe(spec::Tag<RecordsRule>) {
    static const auto type = spec::with_short_form<RecordsRule>(
        spec::Object<RecordsRule>("records", "where records stand in an answer")
            .field("at", &RecordsRule::at,
                   {.summary = "path of the list; '.' is the whole body; data[].comments[] goes through lists",
                    .required = false})
            .field("element", &RecordsRule::element,
                   {.summary = "path inside each element, such as node", .required = false})
            .field("columns", &RecordsRule::columns,
                   {.summary = "rows are lists: the names of their columns", .required = false})
            .field("rename", &RecordsRule::rename,
                   {.summary = "members to be renamed, old name: new name", .required = false})
            .field("optional", &RecordsRule::optional,
                   {.summary = "nothing there means no records, and no fault", .required = false})
            .field("as", &RecordsRule::as,
                   {.summary = "elements are plain values: the member that each becomes", .required = false})
            .type(),
        spec::Yaml::Kind::scalar, spec::text(), [](std::string at) { return RecordsRule{.at = std::move(at)}; });
    return type;
}

const spec::Type<ReadRule>& describe(spec::Tag<ReadRule>) {
    static const auto type =
        spec::Object<ReadRule>("read", "a request whose pages are read to the end")
            .field("request", &ReadRule::request, {.summary = "the request for one page"})
            .field("records", &ReadRule::records, {.summary = "where its rows stand", .required = false})
            .field("pages", &ReadRule::pages, {.summary = "how its answers are split", .required = false})
            .check([](const ReadRule& read, const spec::Yaml& yaml, spec::Problems& problems) {
                if (read.pages.result_cap || read.pages.complete)
                    problems.add(yaml.place(), "pages that are read to the end know no result_cap and no complete");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
