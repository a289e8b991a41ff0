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

Result<void> check_binding(const vault::Binding& binding, const SecretUser& user, std::string_view secret) {
    const auto place = "secret " + std::string(secret);
    if (!binding.owner.empty() && binding.owner != user.connection)
        return fail(
            Fault::refused,
            "it belongs to connection " + binding.owner + ", and connection " + user.connection + " may not use it",
            place);
    if (!binding.connector.empty() && binding.connector != user.connector)
        return fail(Fault::refused,
                    "it is for the connector " + binding.connector + ", and connection " + user.connection +
                        " has the connector " + user.connector,
                    place);
    return {};
}

Result<std::string> VaultResolver::resolve(const spec::Reference& reference) const {
    if (reference.scheme == spec::Reference::Scheme::env) return Environment().resolve(reference);
    TRY(auto secret, vault_.resolve(reference.field.empty() ? reference.name : reference.name + "#" + reference.field));
    TRY(const auto whole, vault_.open(reference.name));
    CHECK_OK(check_binding(whole.binding, user_, reference.name));
    return std::string(secret.reveal());
}

connector::CredentialReader credential_reader(const ConnectionConfig& connection, const vault::Vault& vault) {
    const auto& credentials = connection.credentials;
    if (!credentials.secret && credentials.fields.empty()) return {};
    SecretUser user{connection.name, connection.connector.value};
    return [config = credentials, user, &vault](std::string_view field) -> Result<crypto::SecretBytes> {
        if (config.secret) {
            TRY(auto value, vault.get(config.secret->name, field));
            TRY(const auto whole, vault.open(config.secret->name));
            CHECK_OK(check_binding(whole.binding, user, config.secret->name));
            return value;
        }
        auto found = config.fields.find(std::string(field));
        if (found == config.fields.end())
            return fail(Fault::not_found,
                        "credentials have no field " + std::string(field) + ": add it to the connection");
        TRY(auto value, found->second.resolve(VaultResolver(vault, user)));
        crypto::SecretBytes kept(value);
        crypto::wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
        return kept;
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

std::set<std::string> secrets_of(const ConnectionConfig& connection) {
    std::set<std::string> names;
    const auto add = [&names](const spec::Reference& reference) {
        if (reference.scheme == spec::Reference::Scheme::secret) names.insert(reference.name);
    };
    if (connection.credentials.secret) add(*connection.credentials.secret);
    for (const auto& [_, text] : connection.credentials.fields)
        for (const auto& reference : text.references()) add(reference);
    return names;
}

std::string budget_key(const ConnectionConfig& connection) {
    const auto names = secrets_of(connection);
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
