// The bare loop that a sync is measured against: the order mapper written by hand, one transaction for each page, a
// look-up of the hash so that unchanged records cost no write, a checkpoint. No quarantine, no leases, no counters.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/crypto/aead.hpp"
#include "tests/bench/bare_sqlite.hpp"
#include "tests/bench/mapping_baseline.hpp"

namespace bench {

// Personal fields in clear, or each record sealed with AES-256-GCM under a key of its customer's own, which is kept
// wrapped: what the promise of sealing costs whoever keeps it.
enum class Sealing : std::uint8_t { none, by_subject };

class BareSync {
  public:
    BareSync(const std::filesystem::path& path, bool linked, Sealing sealing)
        : db_(path, 16000),
          mapper_(linked),
          sealing_(sealing),
          root_(tributary::crypto::AeadKey::generate(random_, tributary::crypto::Aead::aes_256_gcm)) {
        db_.execute(
            "CREATE TABLE record (id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, hash INTEGER NOT NULL, "
            "version INTEGER NOT NULL, document BLOB NOT NULL)");
        db_.execute("CREATE TABLE subject_key (subject INTEGER PRIMARY KEY, wrapped BLOB NOT NULL)");
        db_.execute("CREATE TABLE checkpoint (stream TEXT PRIMARY KEY, cursor INTEGER NOT NULL)");
        find_ = db_.prepare("SELECT id, hash FROM record WHERE external_id = ?1");
        insert_ = db_.prepare("INSERT INTO record (external_id, hash, version, document) VALUES (?1, ?2, 1, ?3)");
        update_ = db_.prepare("UPDATE record SET hash = ?2, version = version + 1, document = ?3 WHERE id = ?1");
        find_key_ = db_.prepare("SELECT wrapped FROM subject_key WHERE subject = ?1");
        insert_key_ = db_.prepare("INSERT INTO subject_key VALUES (?1, ?2)");
        checkpoint_ = db_.prepare("INSERT OR REPLACE INTO checkpoint VALUES ('orders', ?1)");
    }

    // All lines, a transaction for each `page`. Returns how many records were written.
    std::size_t run(std::span<const std::string_view> lines, std::size_t page) {
        std::size_t written = 0;
        for (std::size_t from = 0; from < lines.size(); from += page) {
            const auto end = std::min(lines.size(), from + page);
            db_.begin();
            for (std::size_t i = from; i < end; ++i) written += take(lines[i], 5000000000000 + i);
            sqlite3_bind_int64(checkpoint_, 1, static_cast<std::int64_t>(end));
            db_.step(checkpoint_);
            db_.commit();
        }
        return written;
    }

  private:
    std::size_t take(std::string_view line, std::uint64_t id) {
        mapped_.clear();
        if (!mapper_.map(line, mapped_)) {
            fmt::print(stderr, "baseline: an order was not mapped\n");
            std::exit(1);
        }
        const std::string_view all = mapped_;
        const auto cut = all.find('\n');
        std::size_t written = put(std::to_string(id), all.substr(0, cut));
        if (cut + 1 < all.size())
            written += put(fmt::format("customer {}", mapper_.customer()), all.substr(cut + 1, all.size() - cut - 2));
        return written;
    }
    std::size_t put(const std::string& key, std::string_view document) {
        const auto hash = static_cast<std::int64_t>(std::hash<std::string_view>{}(document));
        sqlite3_bind_text(find_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
        const bool known = db_.row(find_);
        const auto row = sqlite3_column_int64(find_, 0), before = sqlite3_column_int64(find_, 1);
        sqlite3_reset(find_);
        if (known && before == hash) return 0;
        std::string sealed;
        if (sealing_ == Sealing::by_subject) {
            sealed = key_of(mapper_.customer()).seal({"record", key}, document, random_);
            document = sealed;
        }
        auto* statement = known ? update_ : insert_;
        if (known)
            sqlite3_bind_int64(statement, 1, row);
        else
            sqlite3_bind_text(statement, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, hash);
        sqlite3_bind_blob(statement, 3, document.data(), static_cast<int>(document.size()), SQLITE_STATIC);
        db_.step(statement);
        return 1;
    }
    tributary::crypto::AeadKey key_of(std::int64_t subject) {
        using namespace tributary::crypto;
        sqlite3_bind_int64(find_key_, 1, subject);
        std::string wrapped;
        if (db_.row(find_key_))
            wrapped.assign(static_cast<const char*>(sqlite3_column_blob(find_key_, 0)),
                           static_cast<std::size_t>(sqlite3_column_bytes(find_key_, 0)));
        sqlite3_reset(find_key_);
        const auto place = std::to_string(subject);
        if (!wrapped.empty()) {
            auto key = root_.open({place}, wrapped);
            if (!key) std::exit(1);
            return {tributary::Uid{}, SecretBytes(*key, Memory::plain), Aead::aes_256_gcm};
        }
        auto key = SecretBytes::random(32, random_, Memory::plain);
        wrapped = root_.seal({place}, key.reveal(), random_);
        sqlite3_bind_int64(insert_key_, 1, subject);
        sqlite3_bind_blob(insert_key_, 2, wrapped.data(), static_cast<int>(wrapped.size()), SQLITE_STATIC);
        db_.step(insert_key_);
        return {tributary::Uid{}, std::move(key), Aead::aes_256_gcm};
    }

    BareSqlite db_;
    Baseline mapper_;
    Sealing sealing_;
    tributary::crypto::SystemRandom random_;
    tributary::crypto::AeadKey root_;
    std::string mapped_;
    sqlite3_stmt *find_ = nullptr, *insert_ = nullptr, *update_ = nullptr, *find_key_ = nullptr, *insert_key_ = nullptr,
                 *checkpoint_ = nullptr;
};

}  // namespace bench
