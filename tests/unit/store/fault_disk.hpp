// FaultDisk: while it lives, SQLite's files fail on command: writes as on a full disk, syncs as on a broken one.
// One at a time; it replaces the default VFS of the process. REQUIRES: no store is open when it begins or ends.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <mutex>

namespace tributary::contract {

class FaultDisk {
  public:
    FaultDisk() {
        original_ = sqlite3_vfs_find(nullptr);
        vfs_ = *original_;
        vfs_.zName = "fault";
        vfs_.xOpen = &FaultDisk::open;
        sqlite3_vfs_register(&vfs_, 1);
    }
    ~FaultDisk() {
        sqlite3_vfs_unregister(&vfs_);
        broken = false;
        writes_left = -1;
    }
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;

    static inline std::atomic<bool> broken = false;
    static inline std::atomic<int> writes_left = -1;  // then the disk is full; negative: no limit
    static inline std::atomic<int> syncs = 0;

  private:
    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* got) {
        const int code = original_->xOpen(original_, name, file, flags, got);
        if (code != SQLITE_OK || !file->pMethods) return code;
        auto& methods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? database_methods_ : log_methods_;
        const std::lock_guard lock(opening_);
        // Once: other threads already use what stands there.
        if (!methods.xWrite) {
            write_ = file->pMethods->xWrite;
            sync_ = file->pMethods->xSync;
            methods = *file->pMethods;
            methods.xWrite = &FaultDisk::write;
            methods.xSync = &FaultDisk::sync;
        }
        file->pMethods = &methods;
        return code;
    }
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
        if (writes_left == 0) return SQLITE_FULL;
        if (writes_left > 0) --writes_left;
        return write_.load()(file, bytes, size, offset);
    }
    static int sync(sqlite3_file* file, int flags) {
        ++syncs;
        return broken ? SQLITE_IOERR_FSYNC : sync_.load()(file, flags);
    }

    sqlite3_vfs vfs_;
    static inline sqlite3_vfs* original_ = nullptr;
    // Files of all kinds are written and synced alike; their locking differs.
    static inline std::mutex opening_;
    static inline std::atomic<int (*)(sqlite3_file*, const void*, int, sqlite3_int64)> write_ = nullptr;
    static inline std::atomic<int (*)(sqlite3_file*, int)> sync_ = nullptr;
    static inline sqlite3_io_methods database_methods_{}, log_methods_{};
};

}  // namespace tributary::contract
