#include "gateway/app/arguments.hpp"

#include "gateway/record/timestamp.hpp"

namespace tributary::app {
namespace {

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
    return fail(Fault::bad_input, std::string(what), "argument " + std::string(name));
}

}  // namespace

Result<std::string> needed_text(value::Node arguments, std::string_view name) {
    TRY(auto text, text_argument(arguments, name));
    if (!text || text->empty()) return wrong(name, "is needed");
    return *text;
}

Result<std::optional<std::string>> text_argument(value::Node arguments, std::string_view name) {
    auto node = arguments.find(name);
    if (!node) return std::nullopt;
    if (!node.is(value::Kind::text)) return wrong(name, "takes text");
    return std::string(node.text());
}

Result<std::optional<std::int64_t>> integer_argument(value::Node arguments, std::string_view name) {
    auto node = arguments.find(name);
    if (!node) return std::nullopt;
    if (!node.is(value::Kind::integer)) return wrong(name, "takes a whole number");
    return node.integer();
}

Result<bool> flag_argument(value::Node arguments, std::string_view name) {
    auto node = arguments.find(name);
    if (!node) return false;
    if (!node.is(value::Kind::boolean)) return wrong(name, "takes true or false");
    return node.boolean();
}

Result<std::optional<Uid>> uid_argument(value::Node arguments, std::string_view name) {
    TRY(auto text, text_argument(arguments, name));
    if (!text) return std::nullopt;
    auto uid = Uid::parse(*text);
    if (!uid) return wrong(name, "takes a uid of 36 characters");
    return *uid;
}

Result<std::optional<Timestamp>> time_argument(value::Node arguments, std::string_view name) {
    TRY(auto text, text_argument(arguments, name));
    if (!text) return std::nullopt;
    auto at = record::parse_timestamp(*text);
    if (!at) return wrong(name, "takes a time such as 2026-01-05T09:00:00Z");
    return *at;
}

}  // namespace tributary::app
