#include "gateway/connector/declarative/answer.hpp"

#include "gateway/value/json.hpp"

namespace tributary::connector {

const spec::Type<AnswerForm>& describe(spec::Tag<AnswerForm>) {
    static const auto type =
        spec::Object<AnswerForm>("answer", "how answers are read")
            .field("skip_before_json", &AnswerForm::skip_before_json,
                   {.summary = "skip what stands before the first { or [", .fallback = "false", .required = false})
            .field("may_be_text", &AnswerForm::may_be_text,
                   {.summary = "answers that are not JSON are fine, nothing is read out of them",
                    .fallback = "false",
                    .required = false})
            .type();
    return type;
}

Answer read_answer(net::HttpResponse response, const AnswerForm& form) {
    Answer answer{.status = response.status, .headers = std::move(response.headers), .url = std::move(response.url)};
    std::string_view text = response.body;
    if (form.skip_before_json) {
        const auto start = text.find_first_of("{[");
        if (start != std::string_view::npos) text.remove_prefix(start);
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    value::Builder nothing;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        answer.body = nothing.null().take();
    } else if (auto body = value::parse_json(text)) {
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
