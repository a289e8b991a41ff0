// BareWriter: the hand-written group commit that the store is measured against: one thread, prepared statements, one
// transaction for whatever queued during the last fsync. SQLite with WAL and synchronous FULL, as the store uses it.
// GroupCommit is the same for another database.
#pragma once

#include <fmt/format.h>
#include <sqlite3.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/store/inbox.hpp"
#include "tests/bench/bare_sqlite.hpp"

namespace bench {

// What each client has under way: one put, and the next as soon as that one is acknowledged.
using Acknowledge = std::function<void(std::size_t client)>;

struct Put {
    std::size_t client;
    tributary::store::InboxEntry entry;
};

// Database: made of `where`, and commit(puts) returns when all of them are on the disk.
template <class Database>
class GroupCommit {
  public:
    template <class Where>
    GroupCommit(const Where& where, Acknowledge acknowledge) : acknowledge_(std::move(acknowledge)), database_(where) {
        thread_ = std::thread([this] { run(); });
    }
    ~GroupCommit() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;
    void put(std::size_t client, tributary::store::InboxEntry entry) {
        {
            const std::lock_guard lock(mutex_);
            queue_.emplace_back(client, std::move(entry));
        }
        wake_.notify_one();
    }

  private:
    void run() {
        std::vector<Put> batch;
        while (true) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
                if (queue_.empty()) return;
                std::swap(queue_, batch);
            }
            database_.commit(batch);
            for (const auto& put : batch) acknowledge_(put.client);
            batch.clear();
        }
    }

    Acknowledge acknowledge_;
    Database database_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Put> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

// Nothing but prepared statements.
class SqliteInbox {
  public:
    explicit SqliteInbox(const std::filesystem::path& path) : db_(path, 1000) {
        db_.execute(
            "CREATE TABLE seen (connection INTEGER, key BLOB, at INTEGER, PRIMARY KEY (connection, key)) WITHOUT "
            "ROWID");
        db_.execute(
            "CREATE TABLE inbox (id INTEGER PRIMARY KEY, connection INTEGER, at INTEGER, key BLOB, topic TEXT, headers "
            "BLOB, body BLOB)");
        see_ = db_.prepare("INSERT OR IGNORE INTO seen VALUES (?1, ?2, ?3)");
        insert_ = db_.prepare(
            "INSERT INTO inbox (connection, at, key, topic, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    }
    void commit(std::span<const Put> puts) {
        db_.begin();
        for (const auto& put : puts) insert(put.entry);
        db_.commit();
    }

  private:
    void insert(const tributary::store::InboxEntry& entry) {
        const auto at = entry.received_at.time_since_epoch().count();
        sqlite3_bind_int64(see_, 1, 1);
        sqlite3_bind_blob(see_, 2, entry.dedup_key.data(), 32, SQLITE_STATIC);
        sqlite3_bind_int64(see_, 3, at);
        db_.step(see_);
        if (db_.changes() == 0) return;
        sqlite3_bind_int64(insert_, 1, 1);
        sqlite3_bind_int64(insert_, 2, at);
        sqlite3_bind_blob(insert_, 3, entry.dedup_key.data(), 32, SQLITE_STATIC);
        sqlite3_bind_text(insert_, 4, entry.topic.data(), static_cast<int>(entry.topic.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 5, entry.headers.data(), static_cast<int>(entry.headers.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 6, entry.body.data(), static_cast<int>(entry.body.size()), SQLITE_STATIC);
        db_.step(insert_);
    }
    BareSqlite db_;
    sqlite3_stmt *see_ = nullptr, *insert_ = nullptr;
};

using BareWriter = GroupCommit<SqliteInbox>;

}  // namespace bench
