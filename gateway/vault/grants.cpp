#include "gateway/vault/grants.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::vault {
namespace {

constexpr std::string_view kRefresh = "oauth.refresh_token", kObtained = "oauth.obtained", kExpires = "oauth.expires",
                           kIssuer = "oauth.issuer", kSeed = "oauth.seed", kValue = "oauth.value.";
// How often what another changes at the same moment is read again.
constexpr int kTries = 5;

crypto::SecretBytes text_of(Timestamp at) {
    return crypto::SecretBytes(std::to_string(at.time_since_epoch().count()));
}

std::optional<Timestamp> time_in(const SecretFields& fields, std::string_view name) {
    const auto found = fields.find(name);
    if (found == fields.end()) return std::nullopt;
    const auto number = to_integer(found->second.reveal());
    return number ? std::optional(Timestamp(Milliseconds(*number))) : std::nullopt;
}

std::string plain_in(const SecretFields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : std::string(found->second.reveal());
}

SecretFields fields_of(const Tokens& tokens) {
    SecretFields out;
    for (const auto& [name, value] : tokens.values) out.emplace(std::string(kValue) + name, value.clone());
    // What this set does not have must not be left over from the one before.
    out.emplace(kRefresh, tokens.refresh_token.clone());
    out.emplace(kObtained, text_of(tokens.obtained));
    out.emplace(kExpires, tokens.expires ? text_of(*tokens.expires) : crypto::SecretBytes());
    out.emplace(kIssuer, crypto::SecretBytes(tokens.issuer));
    out.emplace(kSeed, crypto::SecretBytes(tokens.seed));
    return out;
}

std::optional<Tokens> tokens_in(const SecretFields& fields) {
    const auto obtained = time_in(fields, kObtained);
    if (!obtained) return std::nullopt;
    Tokens out{.obtained = *obtained, .expires = time_in(fields, kExpires)};
    for (const auto& [name, value] : fields)
        if (name.starts_with(kValue)) out.values.emplace(name.substr(kValue.size()), value.clone());
    if (const auto refresh = fields.find(kRefresh); refresh != fields.end())
        out.refresh_token = refresh->second.clone();
    out.issuer = plain_in(fields, kIssuer);
    out.seed = plain_in(fields, kSeed);
    return out;
}

}  // namespace

std::string mark_of(std::string_view token) {
    return token.empty() ? std::string() : to_hex(crypto::sha256(token).view()).substr(0, 16);
}

// State and secret are two reads. When the version is the same before and after, the tokens are those of that version:
// both change in one transaction. Tokens under an older version would be used again after they were refused.
Result<Grant> Grants::read(std::string_view name) const {
    TRY(auto before, store_.find_grant(name));
    for (int left = kTries;; --left) {
        auto secret = vault_.open_newest(name);
        if (!secret && secret.error().fault != Fault::not_found) return pass(std::move(secret));
        TRY(auto after, store_.find_grant(name));
        const auto version = [](const auto& state) { return state ? state->version : 0; };
        if (version(before) == version(after) || left == 0) {
            Grant out;
            if (after) out.state = *std::move(after);
            out.state.name = name;
            if (secret) out.tokens = tokens_in(secret->fields);
            return out;
        }
        before = std::move(after);
    }
}

Result<std::optional<GrantLease>> Grants::lease(const GrantState& state, const std::string& owner, Milliseconds ttl) {
    const auto now = clock_.now();
    return store_.lease_grant(state.name, state.version, owner, now, now + ttl);
}

Result<void> Grants::intend(const GrantLease& lease, const std::string& mark) {
    return store_.mark_grant(lease, GrantPhase::refreshing, mark, clock_.now());
}

Result<void> Grants::release(const GrantLease& lease, GrantPhase phase, const std::string& error) {
    return store_.release_grant(lease, phase, error, clock_.now());
}

// An operator may set another field of the same secret at this moment; tokens are never lost for that.
template <class Put>
Result<void> Grants::put(std::string_view name, const Tokens& tokens, Put put) {
    for (int left = kTries;;) {
        TRY(const auto sealed, vault_.seal_update(name, fields_of(tokens)));
        auto done = put(sealed);
        vault_.forget(name);
        const bool other = !done && done.error().fault == Fault::conflict && done.error().where.starts_with("secret ");
        if (!other || --left == 0) return done;
    }
}

Result<void> Grants::save(const GrantLease& lease, const Tokens& tokens) {
    return put(lease.name, tokens,
               [&](const SealedSecret& sealed) { return store_.save_grant(lease, sealed, clock_.now()); });
}

Result<void> Grants::replace(std::string_view name, const Tokens& tokens) {
    return put(name, tokens,
               [&](const SealedSecret& sealed) { return store_.replace_grant(name, sealed, clock_.now()); });
}

}  // namespace tributary::vault
