#include "tests/unit/identity/people.hpp"

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::identity {

Uid uid(unsigned n) {
    Uid made;
    made.bytes[6] = 0x70;
    made.bytes[14] = static_cast<std::uint8_t>(n >> 8);
    made.bytes[15] = static_cast<std::uint8_t>(n);
    return made;
}

unsigned number_of(const Uid& uid) {
    return static_cast<unsigned>(uid.bytes[14]) << 8 | uid.bytes[15];
}

void Crowd::add(const spec::Yaml& yaml) {
    auto text = [&](const char* key, std::string otherwise) {
        const auto* found = yaml.find(key);
        return found ? found->text() : otherwise;
    };
    const auto id = static_cast<unsigned>(yaml.find("id")->integer().value());
    const auto* contact = yaml.find("contact");
    add(id, text("connection", "c" + std::to_string(id)), text("key", std::to_string(id)),
        contact ? value::to_json(spec::to_document(*contact).root()) : "{}");
    auto& person = people.back();
    person.trusted_contact_points = yaml.find("trusted") != nullptr;
    person.customer_number_space = text("space", "");
    person.stays_alone = yaml.find("alone") != nullptr;
    person.observed_at = record::parse_timestamp(text("at", "2026-01-01T00:00:00Z")).value();
    person.deleted = yaml.find("deleted") != nullptr;
}

void Crowd::add(unsigned id, std::string connection, std::string key, std::string_view contact_json) {
    documents.push_back(std::make_unique<value::Document>(value::parse_json(contact_json).value()));
    people.push_back(
        {uid(id), std::move(connection), "contacts", std::move(key), documents.back()->root(), false, {}, false, {}});
}

Crowd read_crowd(const spec::Yaml& list) {
    Crowd crowd;
    for (const auto& person : list.children()) crowd.add(person);
    return crowd;
}

}  // namespace tributary::identity
