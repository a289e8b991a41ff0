#include "gateway/flow/references.hpp"

namespace tributary::flow {
namespace {

bool is_reference(value::Node node) {
    return node.is(value::Kind::object) && node.find("entity").is(value::Kind::text) &&
           node.find("external_id").is(value::Kind::text);
}

void copy(value::Node node, value::Builder& out, const std::function<Uid(const Reference&)>& resolve) {
    if (is_reference(node)) {
        Reference reference{node.find("entity").scalar_text(), node.find("external_id").scalar_text(),
                            node.find("connection").scalar_text()};
        out.begin_object();
        for (auto member : node)
            if (member.key() != "id") out.key(member.key()).copy(member);
        out.key("id").text(resolve(reference).text()).end();
    } else if (node.is(value::Kind::object)) {
        out.begin_object();
        for (auto member : node) {
            out.key(member.key());
            copy(member, out, resolve);
        }
        out.end();
    } else if (node.is(value::Kind::array)) {
        out.begin_array();
        for (auto element : node) copy(element, out, resolve);
        out.end();
    } else {
        out.copy(node);
    }
}

}  // namespace

value::Document resolve_references(value::Node record, const std::function<Uid(const Reference&)>& resolve) {
    value::Builder out;
    copy(record, out, resolve);
    return out.take();
}

}  // namespace tributary::flow
