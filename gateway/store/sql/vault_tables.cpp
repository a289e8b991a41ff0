#include "gateway/store/sql/vault_tables.hpp"

#include "gateway/base/text.hpp"

namespace tributary::store {
namespace {

constexpr const char* kFindKey = "SELECT subject, kek, wrapped FROM subject_key WHERE subject = ?1";
constexpr const char* kWrappedBy =
    "SELECT subject, kek, wrapped FROM subject_key WHERE subject > ?1 AND kek = ?2 ORDER BY subject LIMIT ?3";
constexpr const char* kPutVaultKey =
    "INSERT INTO subject_key (subject, kek, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
constexpr const char* kWrappedCounts = "SELECT kek, count(*) FROM subject_key GROUP BY kek";
constexpr const char* kRewrap = "UPDATE subject_key SET kek = ?3, wrapped = ?4 WHERE subject = ?1 AND wrapped = ?2";
constexpr const char* kRetire = "INSERT INTO retired_key (id) VALUES (?1) ON CONFLICT DO NOTHING";
constexpr const char* kDestroy = "DELETE FROM subject_key WHERE subject = ?1";

constexpr const char* kFindSecret =
    "SELECT name, version, created_at, updated_at, owner, connector, allowed_hosts, fields, wrapped_key, sealed FROM "
    "secret "
    "WHERE name = ?1";
constexpr const char* kListSecrets =
    "SELECT name, version, created_at, updated_at, owner, connector, allowed_hosts, fields, wrapped_key, sealed FROM "
    "secret "
    "ORDER BY name";
constexpr const char* kInsertSecret =
    "INSERT INTO secret (name, version, created_at, updated_at, owner, connector, allowed_hosts, fields, "
    "wrapped_key, "
    "sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";
constexpr const char* kReplaceSecret =
    "UPDATE secret SET version = ?2, created_at = ?3, updated_at = ?4, owner = ?5, connector = ?6, allowed_hosts = ?7, "
    "fields = ?8, wrapped_key = ?9, sealed = ?10 WHERE name = ?1 AND version = ?2 - 1";
constexpr const char* kRewrapSecret = "UPDATE secret SET wrapped_key = ?3 WHERE name = ?1 AND wrapped_key = ?2";
constexpr const char* kRemoveSecret = "DELETE FROM secret WHERE name = ?1";

vault::WrappedKey read_key(const Row& row) {
    vault::WrappedKey key;
    row.read(key.subject, key.kek, key.wrapped);
    return key;
}

// Lists of hosts and of field names, one a line.
Result<std::string> lines(const std::vector<std::string>& words) {
    for (const auto& word : words) {
        if (word.empty() || word.contains('\n')) return fail(Fault::bad_input, "host and field names are single lines");
    }
    return join(words, "\n");
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    if (text.empty()) return words;
    for (const auto word : split(text, '\n')) words.emplace_back(word);
    return words;
}

vault::SealedSecret read_secret(const Row& row) {
    vault::SealedSecret secret;
    std::string hosts, fields;
    row.read(secret.name, secret.version, secret.created, secret.updated, secret.binding.owner,
             secret.binding.connector, hosts, fields, secret.wrapped_key, secret.sealed);
    secret.binding.allowed_hosts = words_of(hosts);
    secret.fields = words_of(fields);
    return secret;
}

}  // namespace

KeysReads::KeysReads(Connection& connection)
    : find_(connection, kFindKey),
      wrapped_by_(connection, kWrappedBy),
      counts_(connection, kWrappedCounts),
      retired_(connection) {}

Result<std::vector<std::optional<vault::WrappedKey>>> KeysReads::find(std::span<const Uid> subjects) {
    std::vector<std::optional<vault::WrappedKey>> keys(subjects.size());
    CHECK_OK(find_.each_for(subjects, [&](std::size_t i, const Row& row) { keys[i] = read_key(row); }));
    return keys;
}

Result<std::vector<vault::WrappedKey>> KeysReads::wrapped_by(Uid kek, Uid after, std::size_t limit) {
    std::vector<vault::WrappedKey> keys;
    CHECK_OK(wrapped_by_.each([&](const Row& row) { keys.push_back(read_key(row)); }, Blob{after.view()}, kek, limit));
    return keys;
}

Result<std::vector<WrappedCount>> KeysReads::wrapped_counts() {
    std::vector<WrappedCount> counts;
    CHECK_OK(counts_.each([&](const Row& row) {
        auto& count = counts.emplace_back();
        row.read(count.kek, count.keys);
    }));
    return counts;
}

Result<bool> KeysReads::is_retired(Uid kek) {
    return retired_.holds(kek);
}

KeysTable::KeysTable(Connection& connection)
    : KeysReads(connection),
      connection_(connection),
      put_(connection, kPutVaultKey),
      rewrap_(connection, kRewrap),
      destroy_(connection, kDestroy),
      retire_(connection, kRetire) {}

// `asked`: keys of the ring that were asked for already; a batch is wrapped with one, or with two.
Result<void> KeysTable::refuse_retired(const vault::WrappedKey& key, std::set<Uid>& asked) {
    if (!asked.insert(key.kek).second) return {};
    TRY(const auto retired, is_retired(key.kek));
    if (retired)
        return fail(Fault::conflict, "the key that wraps it was retired meanwhile: seal again",
                    "subject " + key.subject.text());
    return {};
}

Result<void> KeysTable::put(std::span<const vault::WrappedKey> keys) {
    std::set<Uid> asked;
    for (const auto& key : keys) CHECK_OK(refuse_retired(key, asked));
    std::vector<const vault::WrappedKey*> there;
    CHECK_OK(put_.run_all(
        keys.size(),
        [&](std::size_t i, auto&& with) { return with(keys[i].subject, keys[i].kek, Blob{keys[i].wrapped}); },
        [&](std::size_t i, std::int64_t added) {
            if (added == 0) there.push_back(&keys[i]);
        }));
    for (const auto* key : there) {
        TRY(const auto kept, find(std::span(&key->subject, 1)));
        if (!kept.front() || kept.front()->kek != key->kek || kept.front()->wrapped != key->wrapped) {
            return fail(Fault::conflict, "another transaction made this subject's key first: load it and seal again",
                        "subject " + key->subject.text());
        }
    }
    return {};
}

Result<std::uint64_t> KeysTable::rewrap(std::span<const vault::Rewrapped> keys) {
    std::set<Uid> asked;
    for (const auto& key : keys) CHECK_OK(refuse_retired(key.after, asked));
    std::uint64_t replaced = 0;
    CHECK_OK(rewrap_.run_all(
        keys.size(),
        [&](std::size_t i, auto&& with) {
            const auto& [before, after] = keys[i];
            return with(before.subject, Blob{before.wrapped}, after.kek, Blob{after.wrapped});
        },
        [&](std::size_t, std::int64_t changed) { replaced += static_cast<std::uint64_t>(changed); }));
    return replaced;
}

Result<void> KeysTable::retire(Uid kek) {
    CHECK_OK(connection_.bar_webhooks());
    CHECK_OK(retire_.run(kek));
    return {};
}

Result<std::uint64_t> KeysTable::destroy(std::span<const Uid> subjects) {
    TRY(const auto destroyed, destroy_.run_for(subjects));
    return static_cast<std::uint64_t>(destroyed);
}

SecretsReads::SecretsReads(Connection& connection) : find_(connection, kFindSecret), list_(connection, kListSecrets) {}

Result<std::optional<vault::SealedSecret>> SecretsReads::find(std::string_view name) {
    std::optional<vault::SealedSecret> secret;
    CHECK_OK(find_.first([&](const Row& row) { secret = read_secret(row); }, name));
    return secret;
}

Result<std::vector<vault::SealedSecret>> SecretsReads::list() {
    std::vector<vault::SealedSecret> secrets;
    CHECK_OK(list_.each([&](const Row& row) { secrets.push_back(read_secret(row)); }));
    return secrets;
}

SecretsTable::SecretsTable(Connection& connection)
    : SecretsReads(connection),
      insert_(connection, kInsertSecret),
      replace_(connection, kReplaceSecret),
      remove_(connection, kRemoveSecret),
      rewrap_(connection, kRewrapSecret),
      retired_(connection) {}

Result<void> SecretsTable::put(const vault::SealedSecret& secret) {
    CHECK_OK(retired_.refuse(secret.wrapped_key, "secret " + secret.name));
    TRY(const auto hosts, lines(secret.binding.allowed_hosts));
    TRY(const auto fields, lines(secret.fields));
    auto& statement = secret.version == 1 ? insert_ : replace_;
    TRY(const auto changed,
        statement.run(secret.name, secret.version, secret.created, secret.updated, secret.binding.owner,
                      secret.binding.connector, hosts, fields, Blob{secret.wrapped_key}, Blob{secret.sealed}));
    if (changed == 0) {
        return fail(Fault::conflict, "the secret changed meanwhile: read it again", "secret " + secret.name);
    }
    return {};
}

Result<void> SecretsTable::remove(std::string_view name) {
    TRY(const auto changed, remove_.run(name));
    if (changed == 0) return fail(Fault::not_found, "there is no such secret", "secret " + std::string(name));
    return {};
}

Result<bool> SecretsTable::rewrap(const vault::SealedSecret& read, std::string_view wrapped_key) {
    TRY(const auto changed, rewrap_.run(read.name, Blob{read.wrapped_key}, Blob{wrapped_key}));
    return changed > 0;
}

}  // namespace tributary::store
