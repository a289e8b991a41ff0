#include "gateway/store/sqlite/migrate.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"

namespace tributary::store {
namespace {

Result<void> apply(SqliteConnection& connection, const char* step, std::size_t version) {
    CHECK_OK(connection.execute("BEGIN IMMEDIATE"));
    auto done = connection.execute(step);
    if (done) done = connection.execute(fmt::format("PRAGMA user_version={}", version).c_str());
    if (done) done = connection.execute("COMMIT");
    if (!done && connection.in_transaction()) std::ignore = connection.execute("ROLLBACK");  // the first error is told
    return done;
}

}  // namespace

Result<void> migrate(SqliteConnection& connection, std::span<const char* const> steps) {
    TRY(const auto text, connection.text("PRAGMA user_version"));
    const auto version = to_integer(text).value_or(-1);
    if (version < 0 || static_cast<std::size_t>(version) > steps.size()) {
        return fail(
            Fault::bad_config,
            fmt::format("the database has schema version {}, this program knows up to {}: run the newer program, or "
                        "restore the backup made before the upgrade",
                        version, steps.size()));
    }
    for (std::size_t next = static_cast<std::size_t>(version); next < steps.size(); ++next) {
        if (auto done = apply(connection, steps[next], next + 1); !done) {
            return pass(std::move(done), fmt::format("migration to schema version {}", next + 1));
        }
    }
    return {};
}

}  // namespace tributary::store
