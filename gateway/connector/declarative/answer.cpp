#include "gateway/connector/declarative/answer.hpp"

#include "gateway/value/csv.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/lines.hpp"
#include "gateway/value/utf8.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connector {
namespace {

// Exports of a few hundred thousand rows; all of them are in memory at once.
constexpr std::size_t kMostUnpacked = 256UL << 20;

// One broken row or line makes the answer unreadable: its sender is a program, and half an export is none.
Result<value::Document> read_csv(std::string_view text, char delimiter) {
    TRY(auto reader, value::CsvReader::make({.delimiter = delimiter}));
    value::Builder out;
    out.begin_array();
    reader.feed(text);
    for (bool finished = false;;) {
        TRY(const auto row, finished ? reader.finish() : reader.next());
        if (!row && finished) break;
        if (!row) {
            finished = true;
            continue;
        }
        if (!row->document) return fail(row->document.error());
        out.copy(row->document->root());
    }
    out.end();
    return out.take();
}

Result<value::Document> read_ndjson(std::string_view text) {
    value::LineReader reader(text.size() + 1);
    value::Builder out;
    out.begin_array();
    reader.feed(text);
    for (bool finished = false;;) {
        const auto line = finished ? reader.finish() : reader.next();
        if (!line && finished) break;
        if (!line) {
            finished = true;
            continue;
        }
        if (line->text.find_first_not_of(" \t") == std::string_view::npos) continue;
        TRY(const auto document, value::parse_json(line->text));
        out.copy(document.root());
    }
    out.end();
    return out.take();
}

Result<value::Document> read_text(std::string_view text, const AnswerForm& form, int status) {
    using Format = AnswerForm::Format;
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool looks_json = text[first] == '{' || text[first] == '[';
    // What went wrong is told in JSON also where the answer is of another kind.
    const bool json = form.format == Format::json || (looks_json && (form.format != Format::ndjson || status >= 400));
    if (json) return value::parse_json(text);
    if (form.format == Format::xml) return value::parse_xml(text);
    // A page for people would make a fine header of a table without rows.
    if (text[first] == '<') return fail(Fault::bad_input, "this is a page of HTML or XML");
    return form.format == Format::csv ? read_csv(text, form.delimiter.front()) : read_ndjson(text);
}

}  // namespace

const spec::Type<AnswerForm>& describe(spec::Tag<AnswerForm>) {
    using Format = AnswerForm::Format;
    static const auto format = spec::choice<Format>("answer_format", {{"json", Format::json, "one JSON value"},
                                                                      {"xml", Format::xml, "XML without a DTD"},
                                                                      {"csv", Format::csv, "a list of rows"},
                                                                      {"ndjson", Format::ndjson, "a list of lines"}});
    using value::Packing;
    static const auto packing =
        spec::choice<Packing>("packing", {{"none", Packing::none}, {"zip", Packing::zip}, {"gzip", Packing::gzip}});
    static const auto type =
        spec::Object<AnswerForm>("answer", "how answers are read")
            .field("format", &AnswerForm::format, format, {.summary = "what the body is", .fallback = "json"})
            .field("packed", &AnswerForm::packed, packing,
                   {.summary = "the body is an archive of one file, which has that format", .fallback = "none"})
            .field("delimiter", &AnswerForm::delimiter, {.summary = "between the fields of CSV", .fallback = "','"})
            .field("skip_before_json", &AnswerForm::skip_before_json,
                   {.summary = "skip what stands before the first { or [", .fallback = "false", .required = false})
            .field("may_be_text", &AnswerForm::may_be_text,
                   {.summary = "answers that are not JSON are fine, nothing is read out of them",
                    .fallback = "false",
                    .required = false})
            .check([](const AnswerForm& form, const spec::Yaml& yaml, spec::Problems& problems) {
                if (form.delimiter.size() != 1) problems.add(yaml.place(), "delimiter must be one character");
            })
            .type();
    return type;
}

Answer read_answer(net::HttpResponse response, const AnswerForm& form) {
    Answer answer{.status = response.status, .headers = std::move(response.headers), .url = std::move(response.url)};
    value::Builder nothing;
    std::string_view text = response.body;
    std::string unpacked;
    // Empty answers and refusals come as they are.
    if (form.packed != value::Packing::none && answer.status < 300 && !text.empty()) {
        auto inside = value::unpack(text, form.packed, kMostUnpacked);
        if (!inside) {
            answer.body = nothing.null().take();
            answer.unreadable = true;
            return answer;
        }
        unpacked = *std::move(inside);
        text = unpacked;
    }
    if (form.skip_before_json) {
        const auto start = text.find_first_of("{[");
        if (start != std::string_view::npos) text.remove_prefix(start);
    }
    if (text.starts_with(value::kByteOrderMark)) text.remove_prefix(value::kByteOrderMark.size());
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        // A list of no lines is a list.
        const bool no_lines = form.format == AnswerForm::Format::ndjson && answer.status == 200;
        answer.body = no_lines ? nothing.begin_array().end().take() : nothing.null().take();
    } else if (auto body = read_text(text, form, answer.status)) {
        answer.body = *std::move(body);
    } else {
        answer.body = nothing.null().take();
        answer.unreadable = !form.may_be_text;
    }
    return answer;
}

value::Node find_in(value::Node node, std::string_view path) {
    if (path.empty() || path == ".") return node;
    if (const auto whole = node.find(path); !whole.is(value::Kind::missing)) return whole;
    // "d.@odata.nextLink": step into the first member, look for the rest as one name again.
    const auto end = path.find_first_of(".[");
    if (end == std::string_view::npos || end == 0) return node.at_path(path);
    auto inside = node.find(path.substr(0, end));
    auto rest = path.substr(end);
    while (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string_view::npos) return {};
        inside = inside.at_path(rest.substr(0, close + 1));
        rest.remove_prefix(close + 1);
    }
    if (rest.starts_with('.')) rest.remove_prefix(1);
    return rest.empty() ? inside : find_in(inside, rest);
}

std::optional<std::string> Where::read(const Answer& answer) const {
    if (!header.empty()) {
        const auto* found = answer.header(header);
        return found ? std::optional(*found) : std::nullopt;
    }
    const auto node = find_in(answer.root(), body);
    return node ? std::optional(node.scalar_text()) : std::nullopt;
}

Result<std::optional<std::string>> Where::read(const Answer& answer, const Scope& scope) const {
    if (text.empty()) return read(answer);
    Scope inner = scope;
    inner.bind("answer", answer.root());
    return text.render(inner);
}

const spec::Type<Where>& describe(spec::Tag<Where>) {
    static const auto type = spec::with_short_form<Where>(
        spec::Object<Where>("where", "one value of an answer: a path in its body, a header, or a text made of both")
            .field("body", &Where::body, {.summary = "dotted path in the JSON body", .required = false})
            .field("header", &Where::header, {.summary = "name of a response header", .required = false})
            .field("text", &Where::text, {.summary = "template; {answer.path} is the body", .required = false})
            .check([](const Where& where, const spec::Yaml& yaml, spec::Problems& problems) {
                const int given = !where.body.empty() + !where.header.empty() + !where.text.empty();
                if (given != 1) problems.add(yaml.place(), "give exactly one of body, header and text");
            })
            .type(),
        spec::Yaml::Kind::scalar, spec::text(), [](std::string path) { return Where{.body = std::move(path)}; });
    return type;
}

}  // namespace tributary::connector
