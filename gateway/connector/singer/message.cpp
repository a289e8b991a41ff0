#include "gateway/connector/singer/message.hpp"

#include <fmt/format.h>

namespace tributary::connector::singer {

using value::Kind;
using value::Node;

namespace {

constexpr std::string_view kDeletedAt = "_sdc_deleted_at";

std::unexpected<Error> wrong(std::string what) {
    return fail(Fault::bad_input, std::move(what), "Singer message");
}

Result<std::string> key_of(Node record, const std::vector<std::string>& keys) {
    if (keys.empty())
        return fail(
            Fault::bad_config,
            "the tap names no key_properties for this stream: set `key` of the stream to the fields of its key");
    std::string out;
    for (const auto& name : keys) {
        const auto part = record.find(name).scalar_text();
        if (part.empty()) return wrong(fmt::format("the record has no value in its key field {}", name));
        out += (out.empty() ? "" : "|") + part;
    }
    return out;
}

Result<Message> record_message(Node root, const std::vector<std::string>& keys) {
    Message out{.kind = Message::Kind::record, .stream = root.find("stream").scalar_text()};
    const auto record = root.find("record");
    if (out.stream.empty() || !record.is(Kind::object)) return wrong("a RECORD needs a stream and a record");
    out.json = value::to_json(record);
    out.deleted = static_cast<bool>(record.find(kDeletedAt));
    TRY(out.key, key_of(record, keys));
    return out;
}

Result<Message> schema_message(Node root) {
    Message out{.kind = Message::Kind::schema, .stream = root.find("stream").scalar_text()};
    const auto schema = root.find("schema");
    if (out.stream.empty() || !schema.is(Kind::object)) return wrong("a SCHEMA needs a stream and a schema");
    out.json = value::to_json(schema);
    for (const auto name : root.find("key_properties")) out.keys.push_back(name.scalar_text());
    return out;
}

}  // namespace

Result<Message> parse_message(std::string_view line, const std::vector<std::string>& keys, value::JsonParser& parser) {
    auto parsed = parser.parse(line);
    if (!parsed) return pass(std::move(parsed), "Singer message");
    const auto root = parsed->root();
    const auto type = root.find("type").text();
    if (type.empty()) return wrong("a line must be a JSON object with a type");
    if (type == "RECORD") return record_message(root, keys);
    if (type == "SCHEMA") return schema_message(root);
    if (type == "STATE") {
        if (root.find("value").is(Kind::missing)) return wrong("a STATE needs a value");
        return Message{.kind = Message::Kind::state, .json = value::to_json(root.find("value"))};
    }
    if (type == "ACTIVATE_VERSION")
        return Message{.kind = Message::Kind::activate_version, .stream = root.find("stream").scalar_text()};
    if (type == "BATCH") return Message{.kind = Message::Kind::batch, .stream = root.find("stream").scalar_text()};
    return Message{};
}

std::string schema_line(std::string_view stream, Node properties, const std::vector<std::string>& keys) {
    value::Builder out;
    out.begin_object().key("type").text("SCHEMA").key("stream").text(stream);
    out.key("schema").begin_object().key("type").text("object").key("properties").copy(properties).end();
    out.key("key_properties").begin_array();
    for (const auto& key : keys) out.text(key);
    out.end().end();
    return value::to_json(out.take().root()) + '\n';
}

std::string record_line(std::string_view stream, Node record, std::string_view extracted_at, bool deleted) {
    value::Builder out;
    out.begin_object().key("type").text("RECORD").key("stream").text(stream).key("record").begin_object();
    for (const auto member : record)
        if (member.key() != kDeletedAt) out.key(member.key()).copy(member);
    if (deleted) out.key(kDeletedAt).text(extracted_at);
    out.end().key("time_extracted").text(extracted_at).end();
    return value::to_json(out.take().root()) + '\n';
}

std::string state_line(Node state) {
    value::Builder out;
    out.begin_object().key("type").text("STATE").key("value").copy(state).end();
    return value::to_json(out.take().root()) + '\n';
}

}  // namespace tributary::connector::singer
