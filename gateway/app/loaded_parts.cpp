#include "gateway/app/loaded_parts.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kHashBytes = 16;

// Sections of gateway.yaml that are of one machine.
constexpr std::array<std::string_view, 9> kOwn{"gateway", "listen", "store",   "vault", "paths",
                                               "limits",  "backup", "threads", "logs"};

std::string short_hash(std::string_view text) {
    return to_hex(crypto::sha256(text).view().substr(0, kHashBytes));
}

std::string hash_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return short_hash(text);
}

// One text for all ways to write the same: keys in order, each value after its length.
void write_plain(std::string& out, const spec::Yaml& yaml) {
    const auto put = [&out](char kind, std::string_view text) {
        out += kind + std::to_string(text.size()) + ":";
        out += text;
    };
    if (yaml.is_scalar()) {
        if (yaml.resolved()) return put('e', "");
        return put(yaml.quoted() ? 'q' : 's', yaml.text());
    }
    put(yaml.is_map() ? 'm' : 'l', std::to_string(yaml.size()));
    std::vector<const spec::Yaml*> children;
    for (const auto& child : yaml.children()) children.push_back(&child);
    if (yaml.is_map()) std::ranges::sort(children, {}, [](const spec::Yaml* child) { return child->key(); });
    for (const auto* child : children) {
        put('k', child->key());
        write_plain(out, *child);
    }
}

}  // namespace

Parts loaded_parts(const Catalogue& catalogue) {
    const auto& config = catalogue.config;
    Parts parts{{"config", hash_of(config.file)}, {"purposes", hash_of(config.paths.purposes)}};
    std::set<std::string> mappings, connectors;
    for (const auto& connection : config.connections) {
        connectors.insert(*connection.connector);
        for (const auto& [name, stream] : connection.streams) mappings.insert(*stream.mapping);
    }
    for (const auto& delivery : config.deliveries)
        if (delivery.mapping) mappings.insert(**delivery.mapping);
    for (const auto& name : mappings)
        if (const auto plan = catalogue.plans.find(name); plan != catalogue.plans.end())
            parts["mapping " + name] = plan->second->version();
    std::error_code ignored;  // a folder that went away has no connectors
    for (const auto& folder : config.paths.connectors)
        for (const auto& family : std::filesystem::directory_iterator(folder, ignored))
            for (const auto& name : connectors)
                if (const auto file = family.path() / name / "connector.yaml"; std::filesystem::exists(file, ignored))
                    parts.try_emplace("connector " + name, hash_of(file));
    return parts;
}

Parts section_parts(const spec::Yaml& root) {
    Parts parts;
    for (const auto& section : root.children()) {
        std::string plain;
        write_plain(plain, section);
        parts[section.key()] = short_hash(plain);
    }
    return parts;
}

Parts shared_parts(const Catalogue& catalogue) {
    const auto& config = catalogue.config;
    auto parts = loaded_parts(catalogue);
    parts.erase("config");
    for (const auto& [section, hash] : config.sections)
        if (std::ranges::find(kOwn, section) == kOwn.end()) parts["section " + section] = hash;
    if (config.service) parts["service rules"] = hash_of(config.service->rules);
    if (!config.paths.custom_fields.empty()) parts["custom fields"] = hash_of(config.paths.custom_fields);
    return parts;
}

std::string digest_of(const Parts& parts) {
    return short_hash(parts_text(parts)).substr(0, kHashBytes);
}

std::vector<std::string> differences(const Parts& a, const Parts& b) {
    std::set<std::string> names;
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)})
        for (const auto& [name, hash] : *from)
            if (const auto other = to->find(name); other == to->end() || other->second != hash) names.insert(name);
    return {names.begin(), names.end()};
}

std::string parts_text(const Parts& parts) {
    value::Builder out;
    out.begin_object();
    for (const auto& [name, hash] : parts) out.key(name).text(hash);
    out.end();
    return value::to_json(out.take().root());
}

Result<Parts> parts_of(std::string_view text) {
    TRY(const auto document, value::parse_json(text));
    Parts parts;
    for (auto part : document.root()) parts.emplace(part.key(), part.text());
    return parts;
}

}  // namespace tributary::app
