#include "gateway/flow/reach.hpp"

#include "gateway/flow/note_places.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

void write_list(value::Builder& out, std::string_view name, const std::vector<std::string>& values) {
    out.key(name).begin_array();
    for (const auto& value : values) out.text(value);
    out.end();
}

}  // namespace

Reach reach_of(value::Node contact) {
    Reach reach;
    for (auto email : contact.find("emails"))
        if (auto norm = email.find("norm")) reach.emails.emplace_back(norm.text());
    for (auto phone : contact.find("phones"))
        if (auto e164 = phone.find("e164")) reach.phones.emplace_back(e164.text());
    return reach;
}

std::string seal_reach(const World& world, const Uid& request, std::string_view destination, const Reach& reach) {
    if (reach.empty()) return {};
    value::Builder out;
    out.begin_object();
    write_list(out, "emails", reach.emails);
    write_list(out, "phones", reach.phones);
    out.end();
    auto document = out.take();
    return world.ring.primary(vault::Use::subject)
        ->seal(reach_place(request, destination), value::to_json(document.root()), world.random);
}

Result<Reach> open_reach(const World& world, const Uid& request, std::string_view destination,
                         std::string_view sealed) {
    Reach reach;
    if (sealed.empty()) return reach;
    TRY(auto envelope, crypto::Envelope::read(sealed));
    const auto key = world.ring.find(envelope.key_id);
    if (!key) return fail(Fault::bad_config, "the addresses of this task: " + world.ring.why_not(envelope.key_id));
    TRY(auto json, key->open(reach_place(request, destination), sealed));
    TRY(auto document, value::parse_json(json));
    for (auto one : document.root().find("emails")) reach.emails.emplace_back(one.text());
    for (auto one : document.root().find("phones")) reach.phones.emplace_back(one.text());
    return reach;
}

}  // namespace tributary::flow
