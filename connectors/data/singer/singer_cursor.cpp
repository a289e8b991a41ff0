#include "connectors/data/singer/singer_cursor.hpp"

#include "gateway/value/json.hpp"

namespace tributary::connectors::singer {

Result<SingerCursor> SingerCursor::read(const std::string& json) {
    SingerCursor out;
    if (json.empty()) return out;
    auto parsed = value::parse_json(json);
    const auto since = parsed ? parsed->root().find("since") : value::Node{};
    if (!since.is(value::Kind::integer) || since.integer() < 0)
        return fail(Fault::bad_config, "this cursor is not of this connector: reset the stream", "cursor");
    out.since = static_cast<std::uint64_t>(since.integer());
    if (const auto state = parsed->root().find("state")) out.state = value::to_json(state);
    return out;
}

std::string SingerCursor::write() const {
    return R"({"state":)" + (state.empty() ? "null" : state) + R"(,"since":)" + std::to_string(since) + "}";
}

}  // namespace tributary::connectors::singer
