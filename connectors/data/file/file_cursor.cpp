#include "connectors/data/file/file_cursor.hpp"

#include "gateway/value/json.hpp"

namespace tributary::connectors::file {

Result<FileCursor> FileCursor::read(std::string_view json) {
    FileCursor cursor;
    if (json.empty()) return cursor;
    const auto document = value::parse_json(json);
    if (!document || !document->root().find("files").is(value::Kind::object)) {
        return fail(Fault::bad_config, "the saved cursor is not a file stream's: reset the stream");
    }
    for (auto file : document->root().find("files")) {
        const auto number = [&](std::string_view name) {
            return static_cast<std::uint64_t>(file.find(name).integer());
        };
        FileState state{
            {number("offset"), number("record"), number("line")}, std::string(file.find("print").text()), {}};
        if (file.find("size"))
            state.complete = {number("size"), file.find("modified").integer(), std::string(file.find("tag").text())};
        cursor.files[std::string(file.key())] = std::move(state);
    }
    return cursor;
}

std::string FileCursor::write() const {
    value::Builder out;
    out.begin_object().key("files").begin_object();
    for (const auto& [name, state] : files) {
        const auto number = [&](std::string_view key, std::uint64_t value) {
            out.key(key).integer(static_cast<std::int64_t>(value));
        };
        out.key(name).begin_object();
        number("offset", state.position.offset);
        number("record", state.position.record);
        number("line", state.position.line);
        out.key("print").text(state.print);
        if (state.complete) {
            number("size", state.complete->size);
            out.key("modified").integer(state.complete->modified_ns);
            if (!state.complete->tag.empty()) out.key("tag").text(state.complete->tag);
        }
        out.end();
    }
    return value::to_json(out.end().end().take().root());
}

}  // namespace tributary::connectors::file
