#include "gateway/vault/vault.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/vault/sealed_places.hpp"

namespace tributary::vault {
namespace {

constexpr std::size_t kLongestName = 100;
constexpr std::size_t kMostSecretBytes = 256 << 10;
// A refresh asks for those that are older than the second.
constexpr std::chrono::seconds kKept{60}, kFresh{15};

bool is_name(std::string_view text) {
    auto allowed = [](char c) { return is_letter(c) || is_digit(c) || std::string_view("_./-").contains(c); };
    return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, allowed);
}

std::string place(std::string_view name) {
    return "secret " + std::string(name);
}

std::string names(const std::vector<std::string>& all) {
    return all.empty() ? "none" : join(all, ", ");
}

}  // namespace

// Secrets that were opened lately. `changes` tells a reader that what it read meanwhile may be out of date.
struct Vault::Opened {
    struct Entry {
        std::shared_ptr<const Secret> secret;
        SteadyTime until;
        std::string sealed;  // what it was opened from; no two are alike
    };
    std::mutex mutex;
    std::map<std::string, Entry, std::less<>> entries;
    std::uint64_t changes = 0;
    bool refreshed = false;  // somebody sees to it that what is kept is not old

    // Those older than kFresh, by name, and what each was opened from.
    std::map<std::string, std::string> aged(SteadyTime now) {
        std::lock_guard lock(mutex);
        refreshed = true;
        std::map<std::string, std::string> old;
        for (const auto& [name, entry] : entries)
            if (now >= entry.until - kKept + kFresh) old.emplace(name, entry.sealed);
        return old;
    }
    void extend(std::string_view name, SteadyTime until) {
        std::lock_guard lock(mutex);
        if (auto at = entries.find(name); at != entries.end()) at->second.until = until;
    }
    void forget(std::string_view name) {
        std::lock_guard lock(mutex);
        ++changes;
        if (auto at = entries.find(name); at != entries.end()) entries.erase(at);
    }
};

Vault::Vault(SecretStore& store, const KeyRing& ring, crypto::Random& random, const Clock& clock)
    : store_(store), ring_(ring), random_(random), clock_(clock), opened_(std::make_unique<Opened>()) {}
Vault::~Vault() = default;

Result<SealedSecret> Vault::seal(std::string_view name, const SecretFields& fields, Binding binding,
                                 const std::optional<SealedSecret>& before) {
    if (!is_name(name))
        return fail(Fault::bad_input, "the name of a secret is 1 to 100 of letters, digits and _ . / -");
    if (fields.empty()) return fail(Fault::bad_input, "a secret has at least one field", place(name));
    SealedSecret secret;
    secret.name = name;
    secret.version = before ? before->version + 1 : 1;
    secret.updated = clock_.now();
    secret.created = before ? before->created : secret.updated;
    secret.binding = std::move(binding);
    std::size_t size = 0;
    for (const auto& [field, value] : fields) {
        if (!is_name(field))
            return fail(Fault::bad_input, "the name of a field is 1 to 100 of letters, digits and _ . / -",
                        place(name));
        size += value.size();
        secret.fields.push_back(field);
    }
    if (size > kMostSecretBytes) return fail(Fault::bad_input, "a secret is at most 256 KB", place(name));
    auto key = crypto::AeadKey::generate(random_);
    const auto wrapping = ring_.primary(Use::cred);
    // The key's own id travels inside its wrapped form: 16 bytes of id, then 32 of key.
    auto named = crypto::SecretBytes::of_size(48);
    std::ranges::copy(key.id().bytes, named.data().begin());
    std::ranges::copy(key.key().reveal(), named.data().begin() + 16);
    secret.wrapped_key = wrapping->seal(place_of_secret("key", secret), named.reveal(), random_);
    secret.sealed = key.seal(place_of_secret("fields", secret), write_fields(fields).reveal(), random_);
    return secret;
}

Result<std::uint32_t> Vault::put(const SealedSecret& secret) {
    auto done = store_.put_secret(secret);
    opened_->forget(secret.name);
    if (!done) return pass(std::move(done), place(secret.name));
    return secret.version;
}

Result<Secret> Vault::unseal(const SealedSecret& sealed) const {
    auto open = [&]() -> Result<Secret> {
        TRY(auto envelope, crypto::Envelope::read(sealed.wrapped_key));
        const auto wrapping = ring_.find(envelope.key_id);
        if (!wrapping) return fail(Fault::not_found, ring_.why_not(envelope.key_id));
        TRY(auto named, wrapping->open_secret(place_of_secret("key", sealed), sealed.wrapped_key));
        if (named.size() != 48) return fail(Fault::internal, "its key has the wrong size");
        auto id = Uid::from_bytes(named.data().first<16>());
        crypto::AeadKey key(id, crypto::SecretBytes(named.reveal().substr(16)));
        TRY(auto bytes, key.open_secret(place_of_secret("fields", sealed), sealed.sealed));
        TRY(auto fields, read_fields(bytes.reveal()));
        return Secret{std::move(fields), sealed.binding, sealed.version};
    };
    auto secret = open();
    if (!secret) return pass(std::move(secret), place(sealed.name));
    return secret;
}

Result<std::uint32_t> Vault::set(std::string_view name, SecretFields fields, Binding binding) {
    TRY(auto before, store_.find_secret(name));
    TRY(const auto sealed, seal(name, fields, std::move(binding), before));
    return put(sealed);
}

Result<SealedSecret> Vault::seal_update(std::string_view name, SecretFields fields,
                                        const std::optional<Binding>& binding) {
    TRY(auto before, store_.find_secret(name));
    if (!before) return seal(name, fields, binding.value_or(Binding{}), before);
    TRY(auto secret, unseal(*before));
    secret.fields.merge(fields);  // keeps the old value where both have one ...
    for (auto& [field, value] : fields)
        secret.fields.insert_or_assign(field, std::move(value));  // ... the rest stayed here
    return seal(name, secret.fields, binding.value_or(std::move(secret.binding)), before);
}

Result<std::uint32_t> Vault::update(std::string_view name, SecretFields fields) {
    TRY(const auto sealed, seal_update(name, std::move(fields)));
    return put(sealed);
}

void Vault::forget(std::string_view name) {
    opened_->forget(name);
}

Result<void> Vault::remove(std::string_view name) {
    auto done = store_.remove_secret(name);
    opened_->forget(name);
    if (!done) return pass(std::move(done), place(name));
    return {};
}

Result<std::shared_ptr<const Secret>> Vault::fetch(std::string_view name) const {
    std::uint64_t changes = 0;
    {
        std::lock_guard lock(opened_->mutex);
        changes = opened_->changes;
        auto at = opened_->entries.find(name);
        const bool kept = at != opened_->entries.end() && (opened_->refreshed || clock_.steady() < at->second.until);
        if (kept) return at->second.secret;
    }
    TRY(auto sealed, store_.find_secret(name));
    if (!sealed) {
        TRY(auto all, store_.list_secrets());
        std::vector<std::string> known;
        for (const auto& secret : all) known.push_back(secret.name);
        return fail(Fault::not_found, "there is no secret of this name; known: " + names(known), place(name));
    }
    auto unsealed = unseal(*sealed);
    // Between reading and unsealing the ring may have been rotated and the old key destroyed.
    if (!unsealed && unsealed.error().fault == Fault::not_found) {
        TRY(auto newer, store_.find_secret(name));
        if (newer) unsealed = unseal(*newer);
    }
    TRY(auto opened, std::move(unsealed));
    auto secret = std::make_shared<const Secret>(std::move(opened));
    std::lock_guard lock(opened_->mutex);
    if (changes == opened_->changes)
        opened_->entries.insert_or_assign(std::string(name),
                                          Opened::Entry{secret, clock_.steady() + kKept, std::move(sealed->sealed)});
    return secret;
}

void Vault::refresh() {
    const auto aged = opened_->aged(clock_.steady());
    if (aged.empty()) return;
    const auto all = store_.list_secrets();
    if (!all && all.error().fault != Fault::transient) return;
    for (const auto& [name, opened_from] : aged) {
        const bool unchanged = !all || std::ranges::any_of(*all, [&](const SealedSecret& one) {
            return one.name == name && one.sealed == opened_from;
        });
        if (unchanged)
            opened_->extend(name, clock_.steady() + kKept);
        else
            opened_->forget(name);  // whoever uses it next reads what it is now
    }
}

Result<Secret> Vault::open(std::string_view name) const {
    TRY(auto kept, fetch(name));
    Secret secret{{}, kept->binding, kept->version};
    for (const auto& [field, value] : kept->fields) secret.fields.emplace(field, value.clone());
    return secret;
}

Result<Secret> Vault::open_newest(std::string_view name) const {
    opened_->forget(name);
    return open(name);
}

Result<crypto::SecretBytes> Vault::get(std::string_view name, std::string_view field) const {
    TRY(auto secret, fetch(name));
    if (auto found = secret->fields.find(field); found != secret->fields.end()) return found->second.clone();
    std::vector<std::string> known;
    for (const auto& [each, value] : secret->fields) known.push_back(each);
    return fail(Fault::not_found, "it has no field " + std::string(field) + "; its fields: " + names(known),
                place(name));
}

Result<crypto::SecretBytes> Vault::resolve(std::string_view reference) const {
    if (auto hash = reference.find('#'); hash != std::string_view::npos)
        return get(reference.substr(0, hash), reference.substr(hash + 1));
    TRY(auto secret, fetch(reference));
    if (secret->fields.size() != 1)
        return fail(Fault::bad_config, "it has several fields: write name#field", place(reference));
    return secret->fields.begin()->second.clone();
}

Result<std::vector<SecretInfo>> Vault::list() const {
    TRY(auto all, store_.list_secrets());
    std::vector<SecretInfo> shown;
    for (auto& secret : all)
        shown.push_back({std::move(secret.name), std::move(secret.fields), std::move(secret.binding), secret.version,
                         secret.created, secret.updated});
    return shown;
}

}  // namespace tributary::vault
