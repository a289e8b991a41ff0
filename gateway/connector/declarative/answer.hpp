// Answer: what the other side said, its body read once, and Where: how a file points at one value of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/declarative/template.hpp"
#include "gateway/net/http.hpp"
#include "gateway/spec/object.hpp"
#include "gateway/value/unpack.hpp"

namespace tributary::connector {

struct AnswerForm {
    enum class Format { json, xml, csv, ndjson };
    // CSV and NDJSON make a list of records, XML what value/xml.hpp says. A refusal (400 and above) may be JSON
    // whatever the format is.
    Format format = Format::json;
    std::string delimiter = ",";  // of CSV
    // The body is an archive with one file, which is then of that format. What it says may be up to 256 MB. A refusal
    // may be JSON as it is.
    value::Packing packed = value::Packing::none;
    // Some servers print warnings before the JSON (PHP notices): everything before the first { or [ is skipped.
    bool skip_before_json = false;
    // Answers that are not JSON are fine: nothing is read out of them.
    bool may_be_text = false;
};
const spec::Type<AnswerForm>& describe(spec::Tag<AnswerForm>);

struct Answer {
    int status = 0;
    net::Headers headers;
    // null for an empty body. Text that is not JSON makes `unreadable` true and stays null here.
    value::Document body;
    bool unreadable = false;
    std::string url;  // that was asked

    value::Node root() const { return body.root(); }
    const std::string* header(std::string_view name) const { return net::find_header(headers, name); }
};

Answer read_answer(net::HttpResponse response, const AnswerForm& form);

// One value of an answer: a body path (the short form, a plain string), a header, or a template over {answer} and
// whatever else the place allows.
struct Where {
    std::string body;
    std::string header;
    Template text;

    // nullopt: not there, or null.
    Result<std::optional<std::string>> read(const Answer& answer, const Scope& scope) const;
    // The same without a template.
    std::optional<std::string> read(const Answer& answer) const;
    void check(const Names& names, spec::Problems& problems) const { text.check(names, problems); }
};
const spec::Type<Where>& describe(spec::Tag<Where>);

// Body paths: dotted, with [index]; "" or "." is the whole body; "['odata.nextLink']" or "@odata.nextLink" names a
// member whose name holds dots: a member is looked for under the whole remaining path first.
value::Node find_in(value::Node node, std::string_view path);

}  // namespace tributary::connector
