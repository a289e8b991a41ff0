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

}  // namespace tributary::store
