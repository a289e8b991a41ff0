#include "gateway/store/sqlite/startup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gateway/store/sql/session_tables.hpp"

namespace tributary::store {
namespace {

constexpr Milliseconds kCheckTime = std::chrono::seconds(10);
constexpr int kStepsBetweenLooks = 100'000;

// A new entry of a directory is only durable once the directory itself was synced.
Result<void> sync_directory(const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int reason = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced)
        return fail(Fault::bad_config, fmt::format("cannot sync: {}", std::strerror(reason)), directory.string());
    return {};
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

struct Deadline {
    const Clock& clock;
    SteadyTime at;
    bool passed = false;
};

int look_at_deadline(void* context) {
    auto& deadline = *static_cast<Deadline*>(context);
    deadline.passed = deadline.clock.steady() >= deadline.at;
    return deadline.passed ? 1 : 0;
}

}  // namespace

Result<void> prepare_directory(const std::filesystem::path& database) {
    const auto directory = directory_of(database);
    std::error_code problem;
    if (!std::filesystem::create_directories(directory, problem)) {
        if (problem)
            return fail(Fault::bad_config, "cannot make the directory: " + problem.message(), directory.string());
        return {};
    }
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, problem);
    return sync_directory(directory_of(directory));
}

Result<bool> create_file(const std::filesystem::path& database) {
    const int descriptor = ::open(database.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) return true;
    if (descriptor < 0) {
        return fail(Fault::bad_config, fmt::format("cannot make the database: {}", std::strerror(errno)),
                    database.string());
    }
    ::close(descriptor);
    CHECK_OK(sync_directory(directory_of(database)));
    return false;
}

Result<void> check_file(SqliteConnection& connection, const Clock& clock, Log& log) {
    Deadline deadline{clock, clock.steady() + kCheckTime};
    sqlite3_progress_handler(connection.handle(), kStepsBetweenLooks, &look_at_deadline, &deadline);
    std::string finding;
    Statement check(connection, "PRAGMA quick_check(1)");
    auto checked = check.first([&](const Row& row) { row.read(finding); });
    sqlite3_progress_handler(connection.handle(), 0, nullptr, nullptr);
    if (deadline.passed) {
        log.warn("store.check_cut_short", {{"seconds", kCheckTime.count() / 1000}});
        return {};
    }
    if (!checked && !connection.broken()) return pass(std::move(checked), "check after an unclean exit");
    if (!checked) finding = checked.error().what;
    if (finding == "ok") return {};
    log.error("store.damaged", {{"finding", finding}});
    return fail(SqliteConnection::damage());
}

Result<void> reclaim(SqliteConnection& connection, Timestamp now, Log& log) {
    SqlSession session(connection, {.refuse_at = ~std::uint64_t{0}, .alert_at = ~std::uint64_t{0}});
    CHECK_OK(session.begin());
    TRY(const auto lanes, session.outbox().reclaim(now));
    CHECK_OK(session.inbox().reclaim());
    CHECK_OK(session.leases().reclaim());
    CHECK_OK(session.commit());
    for (const auto& lane : lanes) {
        if (lane.poisoned) log.error("store.poison_lane", {{"destination", lane.destination}, {"lane", lane.lane}});
    }
    if (!lanes.empty()) log.info("store.leases_taken_back", {{"lanes", lanes.size()}});
    return {};
}

}  // namespace tributary::store
