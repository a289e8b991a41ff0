#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "gateway/store/sql/statement.hpp"
#include "gateway/store/sqlite/lock_file.hpp"
#include "gateway/store/sqlite/sqlite_connection.hpp"
#include "gateway/store/sqlite/sqlite_snapshot.hpp"
#include "gateway/store/sqlite/startup.hpp"

namespace tributary::store {
namespace {

constexpr std::array kPrecious{"source_record", "inbox",       "item",   "dead_letter", "consent_event",
                               "suppression",   "subject_key", "secret", "withheld"};

Result<void> sync_path(const std::filesystem::path& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return fail(Fault::transient, "it cannot be made durable", path.string());
    return {};
}

}  // namespace

struct Replacement::Impl {
    std::filesystem::path database;
    LockFile lock;
};

Replacement::Replacement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replacement::~Replacement() = default;
Replacement::Replacement(Replacement&&) noexcept = default;

Result<Replacement> Replacement::begin(const std::filesystem::path& database) {
    CHECK_OK(prepare_directory(database));
    TRY(auto lock, LockFile::acquire(database.string() + ".lock"));
    Replacement replacement(std::make_unique<Impl>(database, std::move(lock)));
    remove_database(replacement.draft());
    return replacement;
}

std::filesystem::path Replacement::draft() const {
    return impl_->database.string() + ".restoring";
}

Result<bool> Replacement::holds_data() const {
    if (!std::filesystem::exists(impl_->database)) return false;
    // For reading alone, an end that was not clean could not be mended.
    TRY(const auto connection, SqliteConnection::open(impl_->database, SqliteConnection::Mode::read_write));
    for (const std::string table : kPrecious) {
        Statement known(*connection, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1");
        TRY(const auto there, known.first([](const Row&) {}, table));
        if (!there) continue;
        TRY(const auto some, connection->text(("SELECT EXISTS (SELECT 1 FROM " + table + ")").c_str()));
        if (some == "1") return true;
    }
    return false;
}

Result<void> Replacement::commit() {
    const auto& database = impl_->database;
    // A log of the old file beside the new one would be taken for the new one's. So the old file gets all that is in
    // its log first, and is whole until the last step. One that is damaged has nothing to lose by it.
    if (std::filesystem::exists(database)) {
        if (auto old = SqliteConnection::open(database, SqliteConnection::Mode::read_write))
            std::ignore = (*old)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    CHECK_OK(sync_path(draft(), 0));
    std::error_code ignored;  // there may be none
    for (const auto* beside : {"-wal", "-shm"}) std::filesystem::remove(database.string() + beside, ignored);
    std::error_code left;
    if (std::filesystem::file_size(draft().string() + "-wal", left) > 0 && !left)
        return fail(Fault::internal, "the draft is not closed", draft().string());
    if (std::rename(draft().c_str(), database.c_str()) != 0)
        return fail(Fault::transient, std::string("cannot be put in place: ") + std::strerror(errno),
                    database.string());
    remove_database(draft());
    CHECK_OK(sync_path(database.has_parent_path() ? database.parent_path() : ".", O_DIRECTORY));
    return impl_->lock.mark_clean();
}

}  // namespace tributary::store
