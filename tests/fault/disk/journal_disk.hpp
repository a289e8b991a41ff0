// JournalDisk: an SQLite VFS between the store and its files. It keeps a journal of every write and sync of the
// database and of its write-ahead log, fails operations on command, and can forget to sync: the lie that a test must
// notice.
//
// One at a time; while it lives it is the default VFS of the process. REQUIRES: no store is open when it begins or
// ends. Safe from several threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tributary::disk {

enum class File { database, log };

struct Event {
    // A sync that failed may have dropped what it should have written (as Linux does): a later one does not bring it.
    enum class Kind { write, truncate, sync, failed_sync, create, remove };
    Kind kind = Kind::write;
    File file = File::database;
    std::int64_t offset = 0;  // of a truncation: the new size
    std::string bytes;
};

enum class Operation { read, write, sync };

struct Failure {
    Operation operation = Operation::write;
    std::uint64_t nth = 1;    // from now on
    std::uint64_t times = 1;  // operations of that kind in a row that fail
    int code = 0;             // SQLITE_IOERR_WRITE, SQLITE_FULL, ...
};

class JournalDisk {
  public:
    JournalDisk();
    ~JournalDisk();
    JournalDisk(const JournalDisk&) = delete;
    JournalDisk& operator=(const JournalDisk&) = delete;

    // Journals what happens from now on to the files in folders whose name holds `marker`; others pass by.
    void begin(std::string marker);
    std::vector<Event> end();
    // Events until now.
    std::size_t size() const;

    void arm(Failure failure);
    void disarm();
    std::uint64_t failed() const;  // operations that failed since arm()
    // Syncs of any file that came after the first one that failed.
    std::uint64_t syncs_after_failure() const;

    // Says that the log was synced when it was not.
    void forget_log_syncs(bool forget);
};

}  // namespace tributary::disk
