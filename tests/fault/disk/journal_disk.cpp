#include "tests/fault/disk/journal_disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

namespace tributary::disk {
namespace {

sqlite3_vfs* below = nullptr;
sqlite3_vfs above;

struct State {
    std::mutex mutex;
    std::optional<std::string> marker;
    std::vector<Event> events;
    std::optional<Failure> failure;
    std::uint64_t seen = 0, failed = 0, syncs_after_failure = 0;
    bool sync_failed = false, forget_log_syncs = false;
};
State state;

// What SQLite sees as its file; the real one follows it in memory.
struct Handle {
    sqlite3_file base;
    File file;
    bool journaled;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
Handle& of(sqlite3_file* file) {
    return *reinterpret_cast<Handle*>(file);
}
const sqlite3_io_methods& real_methods(sqlite3_file* file) {
    return *of(file).real()->pMethods;
}

// The code to fail with, or 0. The mutex is held.
int fails(Operation operation) {
    if (!state.failure || state.failure->operation != operation) return SQLITE_OK;
    ++state.seen;
    if (state.seen < state.failure->nth || state.seen - state.failure->nth >= state.failure->times) return SQLITE_OK;
    ++state.failed;
    return state.failure->code;
}

int close_file(sqlite3_file* file) {
    return real_methods(file).xClose(of(file).real());
}
int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    if (of(file).journaled) {
        const std::lock_guard lock(state.mutex);
        if (const int code = fails(Operation::read)) return code;
    }
    return real_methods(file).xRead(of(file).real(), into, size, offset);
}
int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    if (of(file).journaled) {
        const std::lock_guard lock(state.mutex);
        if (const int code = fails(Operation::write)) return code;
        state.events.push_back({Event::Kind::write, of(file).file, offset,
                                std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
    }
    return real_methods(file).xWrite(of(file).real(), bytes, size, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (of(file).journaled) {
        const std::lock_guard lock(state.mutex);
        state.events.push_back({Event::Kind::truncate, of(file).file, size, {}});
    }
    return real_methods(file).xTruncate(of(file).real(), size);
}
int sync_file(sqlite3_file* file, int flags) {
    if (of(file).journaled) {
        const std::lock_guard lock(state.mutex);
        if (state.sync_failed) ++state.syncs_after_failure;
        if (const int code = fails(Operation::sync)) {
            state.sync_failed = true;
            state.events.push_back({Event::Kind::failed_sync, of(file).file, 0, {}});
            return code;
        }
        if (of(file).file == File::log && state.forget_log_syncs) return SQLITE_OK;
        state.events.push_back({Event::Kind::sync, of(file).file, 0, {}});
    }
    return real_methods(file).xSync(of(file).real(), flags);
}
int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    return real_methods(file).xFileSize(of(file).real(), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real_methods(file).xLock(of(file).real(), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real_methods(file).xUnlock(of(file).real(), level);
}
int check_lock(sqlite3_file* file, int* held) {
    return real_methods(file).xCheckReservedLock(of(file).real(), held);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
    return real_methods(file).xFileControl(of(file).real(), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return real_methods(file).xSectorSize(of(file).real());
}
int characteristics(sqlite3_file* file) {
    return real_methods(file).xDeviceCharacteristics(of(file).real());
}
int map_memory(sqlite3_file* file, int region, int size, int extend, void volatile** into) {
    return real_methods(file).xShmMap(of(file).real(), region, size, extend, into);
}
int lock_memory(sqlite3_file* file, int offset, int count, int flags) {
    return real_methods(file).xShmLock(of(file).real(), offset, count, flags);
}
void memory_barrier(sqlite3_file* file) {
    real_methods(file).xShmBarrier(of(file).real());
}
int unmap_memory(sqlite3_file* file, int remove) {
    return real_methods(file).xShmUnmap(of(file).real(), remove);
}

// Version 2: without memory-mapped reads, which would pass by the journal.
const sqlite3_io_methods kMethods{
    2,           close_file,     read_file,    write_file,   truncate_file, sync_file,       size_of_file,
    lock_file,   unlock_file,    check_lock,   control_file, sector_size,   characteristics, map_memory,
    lock_memory, memory_barrier, unmap_memory, nullptr,      nullptr};

bool journals(const char* name) {
    return name && state.marker && std::strstr(name, state.marker->c_str()) != nullptr;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* got) {
    auto* handle = new (file) Handle{};
    const bool log = (flags & SQLITE_OPEN_WAL) != 0;
    const bool known = log || (flags & SQLITE_OPEN_MAIN_DB) != 0;
    int existed = 1;
    if (log) below->xAccess(below, name, SQLITE_ACCESS_EXISTS, &existed);
    const int code = below->xOpen(below, name, handle->real(), flags, got);
    handle->file = log ? File::log : File::database;
    const std::lock_guard lock(state.mutex);
    handle->journaled = known && journals(name);
    if (handle->real()->pMethods) handle->base.pMethods = &kMethods;
    if (code == SQLITE_OK && handle->journaled && existed == 0)
        state.events.push_back({Event::Kind::create, File::log, 0, {}});
    return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_directory) {
    const int code = below->xDelete(below, name, sync_directory);
    const std::lock_guard lock(state.mutex);
    if (code == SQLITE_OK && journals(name) && std::string_view(name).ends_with("-wal"))
        state.events.push_back({Event::Kind::remove, File::log, 0, {}});
    return code;
}

}  // namespace

JournalDisk::JournalDisk() {
    below = sqlite3_vfs_find(nullptr);
    above = *below;
    above.zName = "journal";
    above.szOsFile = static_cast<int>(sizeof(Handle)) + below->szOsFile;
    above.xOpen = &open_file;
    above.xDelete = &delete_file;
    sqlite3_vfs_register(&above, 1);
}

JournalDisk::~JournalDisk() {
    sqlite3_vfs_unregister(&above);
    std::ignore = end();
    disarm();
    forget_log_syncs(false);
}

void JournalDisk::begin(std::string marker) {
    const std::lock_guard lock(state.mutex);
    state.events.clear();
    state.marker = std::move(marker);
}

std::vector<Event> JournalDisk::end() {
    const std::lock_guard lock(state.mutex);
    state.marker.reset();
    return std::exchange(state.events, {});
}

std::size_t JournalDisk::size() const {
    const std::lock_guard lock(state.mutex);
    return state.events.size();
}

void JournalDisk::arm(Failure failure) {
    const std::lock_guard lock(state.mutex);
    state.failure = failure;
    state.seen = state.failed = state.syncs_after_failure = 0;
    state.sync_failed = false;
}

void JournalDisk::disarm() {
    const std::lock_guard lock(state.mutex);
    state.failure.reset();
}

std::uint64_t JournalDisk::failed() const {
    const std::lock_guard lock(state.mutex);
    return state.failed;
}

std::uint64_t JournalDisk::syncs_after_failure() const {
    const std::lock_guard lock(state.mutex);
    return state.syncs_after_failure;
}

void JournalDisk::forget_log_syncs(bool forget) {
    const std::lock_guard lock(state.mutex);
    state.forget_log_syncs = forget;
}

}  // namespace tributary::disk
