#include "gateway/mapping/emitter.hpp"

namespace tributary::mapping {

namespace {

void write(value::Node node, Emitter& out, std::string_view key) {
    if (!node.is(value::Kind::object) && !node.is(value::Kind::array)) {
        out.value(key).copy(node);
        return;
    }
    if (node.is(value::Kind::object))
        out.begin_object(key);
    else
        out.begin_array(key);
    for (const auto child : node) write(child, out, child.key());
    out.end();
}

}  // namespace

value::Document without_hollows(value::Node node) {
    value::Builder builder;
    Emitter out(builder);
    out.begin_record();
    for (const auto child : node) write(child, out, child.key());
    out.end_record();
    return builder.take();
}

}  // namespace tributary::mapping
