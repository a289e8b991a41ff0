#include "gateway/value/multipart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gateway/base/ascii.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::value {
namespace {

constexpr std::size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1

struct Part {
    std::string name, filename, content_type;
    bool file = false;
    std::string_view content;
};

// Without the two dashes and the line end; empty when the first line is no boundary.
std::string_view boundary_of(std::string_view body) {
    if (!body.starts_with("--")) return {};
    auto line = body.substr(2, body.find('\n') - 2);
    if (line.size() + 2 == body.size()) return {};
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto allowed = [](char c) {
        return is_letter(c) || is_digit(c) || std::string_view("'()+_,-./:=? ").contains(c);
    };
    if (line.empty() || line.size() > kLongestBoundary || !std::ranges::all_of(line, allowed)) return {};
    return line;
}

// The value of `name="..."` in a header's parameters; quotes may be escaped by a backslash or, as browsers do, by %22.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    std::string wanted = std::string(name) + "=";
    for (std::size_t at = header.find(';'); at != std::string_view::npos; at = header.find(';', at)) {
        auto rest = trim(header.substr(++at));
        if (!lower_ascii(rest.substr(0, wanted.size())).starts_with(wanted)) continue;
        rest.remove_prefix(wanted.size());
        if (!rest.starts_with('"')) return std::string(trim(rest.substr(0, rest.find(';'))));
        std::string out;
        for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
            if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
            out += rest[i];
        }
        return out;
    }
    return std::nullopt;
}

// Headers, an empty line, the content.
Result<Part> read_part(std::string_view text) {
    Part part;
    while (true) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return fail(Fault::bad_input, "a part has no empty line after its headers");
        const auto line = trim(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (line.empty()) break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return fail(Fault::bad_input, "a header of a part has no colon");
        const auto header = lower_ascii(line.substr(0, colon));
        const auto value = trim(line.substr(colon + 1));
        if (header == "content-type") part.content_type = std::string(value);
        if (header != "content-disposition") continue;
        part.name = parameter(value, "name").value_or("");
        if (auto filename = parameter(value, "filename")) {
            part.file = true;
            part.filename = *std::move(filename);
        }
    }
    if (part.name.empty()) return fail(Fault::bad_input, "a part has no name");
    for (const auto* text_of : {&part.name, &part.filename, &part.content_type})
        if (!valid_utf8(*text_of)) return fail(Fault::bad_input, "a header of a part is not UTF-8");
    part.content = text;
    return part;
}

void write(const Part& part, Builder& out) {
    if (!part.file && valid_utf8(part.content)) {
        out.text(part.content);
        return;
    }
    out.begin_object();
    if (part.file) {
        out.key("filename").text(part.filename).key("content_type").text(part.content_type);
        out.key("size").integer(static_cast<std::int64_t>(part.content.size()));
    }
    out.key("base64").text(to_base64(part.content)).end();
}

Result<std::vector<Part>> parts_of(std::string_view body, std::size_t max_parts) {
    const auto boundary = boundary_of(body);
    if (boundary.empty()) return fail(Fault::bad_input, "the body does not begin with a boundary");
    const auto delimiter = "\n--" + std::string(boundary);
    std::vector<Part> parts;
    body.remove_prefix(body.find('\n') + 1);
    while (true) {
        const auto where = fmt::format("part {}", parts.size() + 1);
        const auto end = body.find(delimiter);
        if (end == std::string_view::npos) return fail(Fault::bad_input, "a part does not end", where);
        if (parts.size() == max_parts) return fail(Fault::bad_input, fmt::format("more than {} parts", max_parts));
        auto text = body.substr(0, end);
        if (text.ends_with('\r')) text.remove_suffix(1);
        auto part = read_part(text);
        if (!part) return pass(std::move(part), where);
        parts.push_back(*std::move(part));
        body.remove_prefix(end + delimiter.size());
        if (body.starts_with("--")) return parts;
        const auto line = body.find('\n');
        if (line == std::string_view::npos || !trim(body.substr(0, line)).empty())
            return fail(Fault::bad_input, "a boundary is not followed by a line end", where);
        body.remove_prefix(line + 1);
    }
}

}  // namespace

bool looks_multipart(std::string_view body) {
    return !boundary_of(body).empty();
}

Result<Document> parse_multipart(std::string_view body, std::size_t max_parts) {
    TRY(const auto parts, parts_of(body, max_parts));
    std::vector<std::pair<std::string_view, std::vector<const Part*>>> fields;
    std::map<std::string_view, std::size_t> places;
    for (const auto& part : parts) {
        const auto [at, is_new] = places.try_emplace(part.name, fields.size());
        if (is_new) fields.push_back({part.name, {}});
        fields[at->second].second.push_back(&part);
    }
    Builder out;
    out.begin_object();
    for (const auto& [name, values] : fields) {
        out.key(name);
        if (values.size() > 1) out.begin_array();
        for (const auto* part : values) write(*part, out);
        if (values.size() > 1) out.end();
    }
    out.end();
    return out.take();
}

}  // namespace tributary::value
