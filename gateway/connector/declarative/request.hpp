// RequestTemplate: one HTTP request as a file writes it, and how it is filled in. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/connector/declarative/answer.hpp"
#include "gateway/connector/declarative/template.hpp"
#include "gateway/net/http.hpp"
#include "gateway/spec/object.hpp"

namespace tributary::connector {

struct Graphql {
    std::string query;  // taken as it is: its braces are not names
    std::optional<BodyTemplate> variables;
};
const spec::Type<Graphql>& describe(spec::Tag<Graphql>);

// A body that is neither JSON nor a form, such as XML-RPC or SOAP. What is put in is escaped by filters:
// {record.x|xml}.
struct TextBody {
    std::string content_type;
    Template content;
};
const spec::Type<TextBody>& describe(spec::Tag<TextBody>);

struct RequestTemplate {
    Texts let;  // texts under names of their own, {let.NAME} in what follows: a filter takes one value, not several
    std::string method;  // empty: POST when there is a body, else GET
    Template path;       // appended to the base URL
    Template url;        // absolute, instead of the path; its host must be allowed too
    Texts query;
    Texts headers;
    std::optional<BodyTemplate> body;  // JSON
    std::optional<Texts> form;         // application/x-www-form-urlencoded
    std::optional<Graphql> graphql;    // JSON {query, variables}
    std::optional<TextBody> text;
    std::optional<AnswerForm> answer;  // of this request alone; default: the connector's
    bool anonymous = false;            // sent without credentials, and to `public_hosts` too

    std::string verb() const;
    bool has_body() const { return body || form || graphql || text; }
    bool uses(std::string_view root) const;
    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<RequestTemplate>& describe(spec::Tag<RequestTemplate>);

// A request under construction: parameters and the JSON body stay open until authentication has added its part.
struct Draft {
    std::string method = "GET";
    std::string url;  // without what `query` adds
    std::vector<std::pair<std::string, std::string>> query;
    net::Headers headers;
    std::optional<value::Document> json;
    std::optional<std::vector<std::pair<std::string, std::string>>> form;
    std::optional<std::string> text;  // its Content-Type stands in the headers

    // A parameter or header of the same name is replaced.
    void set_query(std::string_view name, std::string value);
    void set_header(std::string_view name, std::string value);
    net::HttpRequest finish() const;
};

// `base` is the base URL without a slash at its end, or with one when the path is empty.
Result<Draft> draft(const RequestTemplate& request, const std::string& base, const Scope& scope);

// Fills pairs in; those whose template has nothing are left out.
Result<std::vector<std::pair<std::string, std::string>>> fill(const Texts& texts, const Scope& scope, Place place);

}  // namespace tributary::connector
