#include "gateway/app/credentials.hpp"

#include <set>

#include "gateway/base/text.hpp"
#include "gateway/connector/credential_values.hpp"

namespace tributary::app {
namespace {

Result<void> copy(const spec::Yaml& yaml, const spec::Resolver& resolver, value::Builder& out) {
    if (yaml.is_map()) {
        out.begin_object();
        for (const auto& child : yaml.children()) {
            out.key(child.key());
            CHECK_OK(copy(child, resolver, out));
        }
        out.end();
    } else if (yaml.is_sequence()) {
        out.begin_array();
        for (const auto& child : yaml.children()) CHECK_OK(copy(child, resolver, out));
        out.end();
    } else {
        Result<spec::Template> parsed =
            yaml.resolved() ? spec::Template::literal(yaml.text()) : spec::Template::parse(yaml.text());
        TRY(auto text, std::move(parsed));
        if (yaml.is_scalar() && text.has_references()) {
            TRY(auto value, text.resolve(resolver));
            out.text(value);
        } else {
            out.copy(spec::to_document(yaml).root());
        }
    }
    return {};
}

constexpr int kKeepTries = 5;

Result<void> add_value(vault::Vault& vault, const std::string& name, std::string_view field,
                       const crypto::SecretBytes& value) {
    // Past what is kept of it: another process may just have added a value.
    const auto secret = vault.open_newest(name);
    if (!secret && secret.error().fault != Fault::not_found) return fail(secret.error());
    std::string_view before;
    if (secret)
        if (const auto found = secret->fields.find(field); found != secret->fields.end())
            before = found->second.reveal();
    const auto all = connector::with_newest(value.reveal(), before);
    vault::SecretFields fields;
    fields.emplace(field, crypto::SecretBytes(all));
    CHECK_OK(vault.update(name, std::move(fields)));
    return {};
}

}  // namespace

Result<std::string> VaultResolver::resolve(const spec::Reference& reference) const {
    if (reference.scheme == spec::Reference::Scheme::env) return Environment().resolve(reference);
    TRY(auto secret, vault_.resolve(reference.field.empty() ? reference.name : reference.name + "#" + reference.field));
    return std::string(secret.reveal());
}

connector::CredentialReader credential_reader(const CredentialsConfig& config, const vault::Vault& vault) {
    if (!config.secret && config.fields.empty()) return {};
    return [config, &vault](std::string_view field) -> Result<crypto::SecretBytes> {
        if (config.secret) return vault.get(config.secret->name, field);
        auto found = config.fields.find(std::string(field));
        if (found == config.fields.end())
            return fail(Fault::not_found,
                        "credentials have no field " + std::string(field) + ": add it to the connection");
        TRY(auto value, found->second.resolve(VaultResolver(vault)));
        return crypto::SecretBytes(value);
    };
}

connector::CredentialKeeper credential_keeper(const CredentialsConfig& config, vault::Vault& vault) {
    if (!config.secret) return {};
    return [name = config.secret->name, &vault](std::string_view field, const crypto::SecretBytes& value) {
        Result<void> kept;
        for (int tries = 0; tries < kKeepTries; ++tries) {
            kept = add_value(vault, name, field, value);
            if (kept || kept.error().fault != Fault::conflict) break;
        }
        return kept;
    };
}

std::string grant_name(const ConnectionConfig& connection) {
    return connection.credentials.secret ? connection.credentials.secret->name : "oauth/" + connection.name;
}

std::string budget_key(const ConnectionConfig& connection) {
    std::set<std::string> names;
    const auto add = [&names](const spec::Reference& reference) {
        if (reference.scheme == spec::Reference::Scheme::secret) names.insert(reference.name);
    };
    if (connection.credentials.secret) add(*connection.credentials.secret);
    for (const auto& [_, text] : connection.credentials.fields)
        for (const auto& reference : text.references()) add(reference);
    return names.empty() ? connection.name : join({names.begin(), names.end()}, " ");
}

Result<value::Document> resolved_settings(const spec::Yaml* settings, const spec::Resolver& resolver) {
    value::Builder out;
    if (!settings || settings->is_null())
        out.begin_object().end();
    else
        CHECK_OK(copy(*settings, resolver, out));
    return out.take();
}

}  // namespace tributary::app
