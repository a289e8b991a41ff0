#include "gateway/app/foundation.hpp"

#include "gateway/app/credentials.hpp"
#include "gateway/app/master_source.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/store/postgres/postgres_store.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"

namespace tributary::app {

Result<std::vector<std::filesystem::path>> initialise(const Config& config) {
    std::vector<std::filesystem::path> made;
    crypto::SystemRandom random;
    SystemClock clock;
    std::error_code failed;
    auto ring = ring_path(config);
    std::filesystem::create_directories(ring.parent_path(), failed);
    if (failed)
        return fail(Fault::bad_config, "this folder cannot be made: " + failed.message(), ring.parent_path().string());
    if (const auto* file = std::get_if<MasterFileConfig>(&config.vault.master);
        file && !std::filesystem::exists(file->path)) {
        CHECK_OK(vault::create_master_file(file->path, random));
        made.push_back(file->path);
    }
    if (!std::filesystem::exists(ring)) {
        TRY(auto master, open_master(config.vault.master));
        CHECK_OK(vault::KeyRing::create(ring, master, random, clock));
        made.push_back(ring);
    }
    return made;
}

Result<vault::KeyRing> open_ring(const Config& config) {
    auto master = open_master(config.vault.master);
    if (!master && master.error().fault == Fault::not_found)
        return fail(Fault::bad_config, master.error().what + ": run `tributary init` once", master.error().where);
    if (!master) return pass(std::move(master), "vault.master");
    auto ring = vault::KeyRing::load(ring_path(config), *master);
    if (!ring && ring.error().fault == Fault::not_found)
        return fail(Fault::bad_config, "there is no key ring yet: run `tributary init` once",
                    ring_path(config).string());
    return ring;
}

namespace {

// Tokens that a provider renewed are in the audit trail, like every other change of a credential.
store::StoredGrants::OnRenewed tell_renewals(const Config& config, const Clock& clock) {
    std::map<std::string, std::string, std::less<>> connections;  // by secret
    for (const auto& connection : config.connections) {
        auto& names = connections[grant_name(connection)];
        names += (names.empty() ? "" : " ") + connection.name;
    }
    return [connections, &clock, name = config.gateway.name](store::Session& session,
                                                             const vault::SealedSecret& secret) -> Result<void> {
        const auto of = connections.find(secret.name);
        const auto entry = flow::audit_entry(clock, "system", name, "secret.renew",
                                             {{"secret", secret.name},
                                              {"version", std::to_string(secret.version)},
                                              {"connections", of == connections.end() ? "" : of->second}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    };
}

}  // namespace

Result<void> Foundation::open_store(const Config& config, Log& log) {
    if (const auto* sqlite = std::get_if<SqliteConfig>(&config.store)) {
        store::SqliteOptions options;
        options.path = sqlite->path;
        options.dead_letter_limit = config.limits.dead_letters;
        options.dead_letter_alert = config.limits.dead_letters / 10;
        options.max_pages = sqlite->max_size / 4096;
        TRY(store, store::open_sqlite(std::move(options), clock, log));
        return {};
    }
    // Of this folder one process runs, and commands ask it; those of other folders share the database with it.
    TRY(auto lock, store::LockFile::acquire(config.directory() / "gateway.lock"));
    folder_lock.emplace(std::move(lock));
    store::PostgresOptions options;
    TRY(options.dsn, std::get<PostgresConfig>(config.store).dsn.resolve(Environment()));
    options.dead_letter_limit = config.limits.dead_letters;
    options.dead_letter_alert = config.limits.dead_letters / 10;
    TRY(store, store::open_postgres(std::move(options), clock, random, log));
    return {};
}

Result<std::unique_ptr<Foundation>> Foundation::open(const Config& config, Log& log) {
    auto foundation = std::make_unique<Foundation>();
    CHECK_OK(foundation->open_store(config, log));
    // After the store: when another process runs, nobody is asked for a passphrase.
    TRY(auto ring, open_ring(config));
    foundation->ring.emplace(std::move(ring));
    foundation->rotation = std::make_unique<flow::KeyRotation>(*foundation->store, *foundation->ring,
                                                               foundation->random, foundation->clock);
    foundation->keys = std::make_unique<store::StoredKeys>(*foundation->store);
    foundation->secrets = std::make_unique<store::StoredSecrets>(*foundation->store);
    foundation->vault =
        std::make_unique<vault::Vault>(*foundation->secrets, *foundation->ring, foundation->random, foundation->clock);
    foundation->stored_grants =
        std::make_unique<store::StoredGrants>(*foundation->store, tell_renewals(config, foundation->clock));
    foundation->grants =
        std::make_unique<vault::Grants>(*foundation->stored_grants, *foundation->vault, foundation->clock);
    return foundation;
}

}  // namespace tributary::app
