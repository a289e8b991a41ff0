#include "gateway/store/sqlite/checkpointer.hpp"

#include <sqlite3.h>

namespace tributary::store {
namespace {

constexpr std::int64_t kSmall = 1000;
constexpr std::int64_t kLarge = 16'000;
constexpr std::int64_t kLogLimit = 64LL * 1024 * 1024 / 4096;

}  // namespace

Checkpointer::Checkpointer(SqliteConnection& connection) : connection_(connection) {
    sqlite3_wal_hook(connection_.handle(), &Checkpointer::committed, this);
}

Checkpointer::~Checkpointer() {
    sqlite3_wal_hook(connection_.handle(), nullptr, nullptr);
}

int Checkpointer::committed(void* self, sqlite3*, const char*, int pages) {
    auto& checkpointer = *static_cast<Checkpointer*>(self);
    if (pages < checkpointer.pages_) checkpointer.tried_ = 0;  // the log began anew
    checkpointer.pages_ = pages;
    return SQLITE_OK;
}

Result<void> Checkpointer::after_commit(bool bulk) {
    if (pages_ - tried_ < (bulk ? kLarge : kSmall)) return {};
    return run(pages_ > kLogLimit ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE);
}

Result<void> Checkpointer::settle() {
    return run(SQLITE_CHECKPOINT_TRUNCATE);
}

Result<void> Checkpointer::run(int mode) {
    auto* handle = connection_.handle();
    // A reader's snapshot makes it partial: that must not hold up the writer, the next one does the rest.
    sqlite3_busy_timeout(handle, 0);
    int left = 0;
    const int code = sqlite3_wal_checkpoint_v2(handle, "main", mode, &left, nullptr);
    sqlite3_busy_timeout(handle, SqliteConnection::kBusyMilliseconds);
    tried_ = pages_;
    if (code == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE) pages_ = tried_ = 0;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
    auto error = connection_.error(code);
    // On a full disk the log simply stays.
    if (!connection_.broken()) return {};
    return fail(std::move(error).in("checkpoint"));
}

}  // namespace tributary::store
