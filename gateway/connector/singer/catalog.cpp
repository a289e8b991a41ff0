#include "gateway/connector/singer/catalog.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector::singer {

using value::Builder;
using value::Kind;
using value::Node;

namespace {

// Old taps name a stream by `stream` alone.
std::string name_of_stream(Node stream) {
    auto name = stream.find("tap_stream_id").scalar_text();
    return name.empty() ? stream.find("stream").scalar_text() : name;
}

bool of_stream(Node metadata) {
    return metadata.find("breadcrumb").size() == 0;
}

void write_settings(Builder& out, Node written, const Selection* selection) {
    out.begin_object();
    for (const auto member : written) {
        const auto key = member.key();
        if (key == "selected" || (selection && !selection->replication.empty() && key == "replication-method") ||
            (selection && !selection->replication_key.empty() && key == "replication-key"))
            continue;
        out.key(key).copy(member);
    }
    out.key("selected").boolean(selection != nullptr);
    if (selection && !selection->replication.empty()) out.key("replication-method").text(selection->replication);
    if (selection && !selection->replication_key.empty()) out.key("replication-key").text(selection->replication_key);
    out.end();
}

void write_metadata(Builder& out, Node stream, const Selection* selection) {
    out.begin_array();
    bool told = false;
    for (const auto entry : stream.find("metadata")) {
        if (!of_stream(entry)) {
            out.copy(entry);
            continue;
        }
        told = true;
        out.begin_object().key("breadcrumb").begin_array().end().key("metadata");
        write_settings(out, entry.find("metadata"), selection);
        out.end();
    }
    if (!told) {
        out.begin_object().key("breadcrumb").begin_array().end().key("metadata");
        write_settings(out, {}, selection);
        out.end();
    }
    out.end();
}

void write_stream(Builder& out, Node stream, const Selection* selection) {
    out.begin_object();
    for (const auto member : stream) {
        const auto key = member.key();
        if (key == "metadata" || key == "selected") continue;
        if (selection && !selection->replication.empty() && key == "replication_method") continue;
        if (selection && !selection->replication_key.empty() && key == "replication_key") continue;
        out.key(key).copy(member);
    }
    if (selection && !selection->replication.empty()) out.key("replication_method").text(selection->replication);
    if (selection && !selection->replication_key.empty()) out.key("replication_key").text(selection->replication_key);
    out.key("selected").boolean(selection != nullptr).key("metadata");
    write_metadata(out, stream, selection);
    out.end();
}

}  // namespace

Result<Catalog> Catalog::parse(std::string_view json) {
    auto parsed = value::parse_json(json);
    if (!parsed) return pass(std::move(parsed), "Singer catalog");
    const auto streams = parsed->root().find("streams");
    if (!streams.is(Kind::array)) return fail(Fault::bad_input, "it has no list `streams`", "Singer catalog");
    for (const auto stream : streams)
        if (name_of_stream(stream).empty())
            return fail(Fault::bad_input, "a stream has no tap_stream_id", "Singer catalog");
    return Catalog(*std::move(parsed));
}

std::vector<std::string> Catalog::streams() const {
    std::vector<std::string> out;
    for (const auto stream : document_.root().find("streams")) out.push_back(name_of_stream(stream));
    return out;
}

Node Catalog::find(std::string_view wanted) const {
    for (const auto stream : document_.root().find("streams"))
        if (name_of_stream(stream) == wanted) return stream;
    return {};
}

std::vector<std::string> Catalog::keys(std::string_view wanted) const {
    const auto stream = find(wanted);
    auto names = stream.find("key_properties");
    if (names.size() == 0)
        for (const auto entry : stream.find("metadata"))
            if (of_stream(entry)) names = entry.find("metadata").find("table-key-properties");
    std::vector<std::string> out;
    for (const auto name : names) out.push_back(name.scalar_text());
    return out;
}

Result<std::string> Catalog::selecting(const Selection& selection) const {
    if (!find(selection.stream)) {
        const auto near = nearest(selection.stream, streams());
        return fail(Fault::bad_config, fmt::format("the tap has no stream {}; {}", selection.stream,
                                                   near                ? "did you mean " + *near + "?"
                                                   : streams().empty() ? "it has none"
                                                                       : "it has " + join(streams(), ", ")));
    }
    Builder out;
    out.begin_object().key("streams").begin_array();
    for (const auto stream : document_.root().find("streams"))
        write_stream(out, stream, name_of_stream(stream) == selection.stream ? &selection : nullptr);
    out.end().end();
    return value::to_json(out.take().root());
}

}  // namespace tributary::connector::singer
