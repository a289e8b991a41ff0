#include "gateway/audit/export_form.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"
#include "gateway/value/csv.hpp"
#include "gateway/value/json.hpp"

namespace tributary::audit {
namespace {

const value::CsvWriter& csv() {
    static const value::CsvWriter writer({"seq", "ts", "actor_type", "actor", "action", "details"},
                                         {.escape_formulas = true});
    return writer;
}

value::Document flat(const Entry& entry, value::Node root) {
    value::Builder out;
    out.begin_object().key("seq").integer(entry.seq).key("ts").copy(root.find("ts"));
    out.key("actor_type").copy(root.at_path("actor.type")).key("actor").copy(root.at_path("actor.id"));
    out.key("action").copy(root.find("action")).key("details").copy(root.find("details")).end();
    return out.take();
}

// A bar would end a header field, an equals sign a name of the extension, a line end the event.
std::string escaped(std::string_view text, bool header) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || (header ? c == '|' : c == '=')) out += '\\';
        if (c == '\n' || c == '\r')
            out += header ? " " : "\\n";
        else
            out += c;
    }
    return out;
}

std::string cef(const Entry& entry, value::Node root) {
    const auto action = escaped(root.find("action").text(), true);
    auto out =
        fmt::format("CEF:0|Tributary|gateway|1|{}|{}|3|externalId={} rt={} suser={} suid={}", action, action, entry.seq,
                    escaped(root.find("ts").text(), false), escaped(root.at_path("actor.id").text(), false),
                    escaped(root.at_path("actor.type").text(), false));
    if (const auto details = root.find("details")) out += " msg=" + escaped(value::to_json(details), false);
    return out + "\n";
}

}  // namespace

Result<ExportForm> export_form_named(std::string_view name) {
    if (name == "ndjson") return ExportForm::ndjson;
    if (name == "csv") return ExportForm::csv;
    if (name == "cef") return ExportForm::cef;
    return fail(Fault::bad_input, "a form is one of ndjson, csv, cef", std::string(name));
}

std::string export_header(ExportForm form) {
    std::string out;
    if (form == ExportForm::csv) csv().header(out);
    return out;
}

Result<std::string> export_entry(ExportForm form, const Entry& entry) {
    if (form == ExportForm::ndjson) return entry.line() + "\n";
    const auto document = value::parse_json(entry.bytes);
    if (!document || !document->root().is(value::Kind::object))
        return fail(Fault::bad_input, "the entry is no JSON object", fmt::format("entry {}", entry.seq));
    if (form == ExportForm::cef) return cef(entry, document->root());
    std::string out;
    csv().row(flat(entry, document->root()).root(), out);
    return out;
}

}  // namespace tributary::audit
