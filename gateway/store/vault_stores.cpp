#include "gateway/store/vault_stores.hpp"

#include <utility>

namespace tributary::store {
namespace {

// Runs one read and hands its value out.
template <class T, class F>
Result<T> read_value(Store& store, F&& use) {
    T value{};
    CHECK_OK(store.read([&](ReadSession& session) -> Result<void> {
        TRY(value, use(session));
        return {};
    }));
    return value;
}

}  // namespace

Result<std::vector<std::optional<vault::WrappedKey>>> StoredKeys::subject_keys(std::span<const Uid> subjects) {
    return read_value<std::vector<std::optional<vault::WrappedKey>>>(
        store_, [&](ReadSession& session) { return session.keys().find(subjects); });
}

// A key of the ring that was retired meanwhile refuses them all.
void StoredKeys::rewrap(std::vector<vault::Rewrapped> keys) {
    store_.write_async(
        [keys = std::move(keys)](Session& session) -> Result<void> {
            CHECK_OK(session.keys().rewrap(keys));
            return {};
        },
        [](const Result<void>&) {});
}

Result<void> StoredSecrets::put_secret(const vault::SealedSecret& secret) {
    return store_.write([&](Session& session) { return session.secrets().put(secret); });
}

Result<std::optional<vault::SealedSecret>> StoredSecrets::find_secret(std::string_view name) {
    return read_value<std::optional<vault::SealedSecret>>(
        store_, [&](ReadSession& session) { return session.secrets().find(name); });
}

Result<std::vector<vault::SealedSecret>> StoredSecrets::list_secrets() {
    return read_value<std::vector<vault::SealedSecret>>(store_,
                                                        [&](ReadSession& session) { return session.secrets().list(); });
}

Result<void> StoredSecrets::remove_secret(std::string_view name) {
    return store_.write([&](Session& session) { return session.secrets().remove(name); });
}

Result<std::optional<vault::GrantState>> StoredGrants::find_grant(std::string_view name) {
    return read_value<std::optional<vault::GrantState>>(
        store_, [&](ReadSession& session) { return session.grants().find(name); });
}

Result<std::vector<vault::GrantState>> StoredGrants::list_grants() {
    return read_value<std::vector<vault::GrantState>>(store_,
                                                      [](ReadSession& session) { return session.grants().list(); });
}

Result<std::optional<vault::GrantLease>> StoredGrants::lease_grant(std::string_view name, std::uint64_t version,
                                                                   const std::string& owner, Timestamp now,
                                                                   Timestamp until) {
    std::optional<vault::GrantLease> lease;
    CHECK_OK(store_.write([&](Session& session) -> Result<void> {
        TRY(lease, session.grants().lease(name, version, owner, now, until));
        return {};
    }));
    return lease;
}

Result<void> StoredGrants::mark_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                                      Timestamp now) {
    return store_.write([&](Session& session) { return session.grants().mark(lease, phase, mark, now); });
}

Result<void> StoredGrants::release_grant(const vault::GrantLease& lease, vault::GrantPhase phase,
                                         const std::string& error, Timestamp now) {
    return store_.write([&](Session& session) { return session.grants().release(lease, phase, error, now); });
}

Result<void> StoredGrants::save_grant(const vault::GrantLease& lease, const vault::SealedSecret& secret,
                                      Timestamp now) {
    return store_.write([&](Session& session) -> Result<void> {
        CHECK_OK(session.grants().advance(lease, now));
        CHECK_OK(session.secrets().put(secret));
        return on_renewed_ ? on_renewed_(session, secret) : Result<void>();
    });
}

Result<void> StoredGrants::replace_grant(std::string_view name, const vault::SealedSecret& secret, Timestamp now) {
    return store_.write([&](Session& session) -> Result<void> {
        CHECK_OK(session.grants().replace(name, now));
        return session.secrets().put(secret);
    });
}

}  // namespace tributary::store
