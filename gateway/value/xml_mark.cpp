#include "gateway/value/xml_mark.hpp"

namespace tributary::value {

namespace {

using MarkKind = XmlMark::Kind;

XmlMark until(MarkKind kind, std::string_view rest, std::size_t from, std::string_view terminator) {
    const auto end = rest.find(terminator, from);
    if (end == rest.npos) return {};
    return {kind, end + terminator.size(), {}};
}

// A '>' inside quotes does not end a tag.
std::size_t tag_end(std::string_view rest) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '>') return i;
        if (rest[i] != '"' && rest[i] != '\'') continue;
        i = rest.find(rest[i], i + 1);
        if (i == rest.npos) break;
    }
    return rest.npos;
}

}  // namespace

XmlMark next_xml_mark(std::string_view rest) {
    if (rest.front() != '<') {
        const auto next = rest.find('<');
        return {MarkKind::text, next == rest.npos ? rest.size() : next, {}};
    }
    if (rest.size() < 2) return {};
    if (rest[1] == '?') return until(MarkKind::instruction, rest, 2, "?>");
    if (rest[1] == '!') {
        constexpr std::string_view kComment = "<!--", kCdata = "<![CDATA[";
        if (rest.starts_with(kComment)) return until(MarkKind::comment, rest, kComment.size(), "-->");
        if (rest.starts_with(kCdata)) return until(MarkKind::cdata, rest, kCdata.size(), "]]>");
        if (kComment.starts_with(rest) || kCdata.starts_with(rest)) return {};
        return {MarkKind::declaration, 0, {}};
    }
    const auto end = tag_end(rest);
    if (end == rest.npos) return {};
    const bool close = rest[1] == '/';
    const auto kind = close ? MarkKind::close : rest[end - 1] == '/' ? MarkKind::empty : MarkKind::open;
    const auto inside = rest.substr(close ? 2 : 1, end - (close ? 2 : 1));
    return {kind, end + 1, inside.substr(0, inside.find_first_of(" \t\r\n/"))};
}

}  // namespace tributary::value
