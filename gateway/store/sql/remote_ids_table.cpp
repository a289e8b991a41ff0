#include "gateway/store/sql/remote_ids_table.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kRemoteOf = "SELECT remote FROM remote_id WHERE connection = ?1 AND entity = ?2 AND local = ?3";
constexpr const char* kLocalOf = "SELECT local FROM remote_id WHERE connection = ?1 AND entity = ?2 AND remote = ?3";
// Both are unique: what stands there under either goes.
constexpr const char* kOtherLocal =
    "DELETE FROM remote_id WHERE connection = ?1 AND entity = ?2 AND remote = ?4 AND local <> ?3";
constexpr const char* kPutRemoteId =
    "INSERT INTO remote_id (connection, entity, local, remote) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (connection, entity, local) DO UPDATE SET remote = excluded.remote";
constexpr const char* kRemoveRemoteId = "DELETE FROM remote_id WHERE connection = ?1 AND entity = ?2 AND local = ?3";

}  // namespace

RemoteIdsReads::RemoteIdsReads(Connection& connection)
    : connection_(connection), remote_of_(connection, kRemoteOf), local_of_(connection, kLocalOf) {}

Result<std::vector<std::optional<std::string>>> RemoteIdsReads::remote_of(const std::string& connection,
                                                                          const std::string& entity,
                                                                          std::span<const Uid> locals) {
    std::vector<std::optional<std::string>> found(locals.size());
    TRY(const auto connection_id, connection_.names().find(connection));
    TRY(const auto entity_id, connection_.names().find(entity));
    if (!connection_id || !entity_id) return found;
    CHECK_OK(remote_of_.each_of_all(
        locals.size(), [&](std::size_t i, auto&& with) { return with(*connection_id, *entity_id, locals[i]); },
        [&](std::size_t i, const Row& row) { row.read(found[i].emplace()); }));
    return found;
}

Result<std::vector<std::optional<Uid>>> RemoteIdsReads::local_of(const std::string& connection,
                                                                 const std::string& entity,
                                                                 std::span<const std::string> remote_ids) {
    std::vector<std::optional<Uid>> found(remote_ids.size());
    TRY(const auto connection_id, connection_.names().find(connection));
    TRY(const auto entity_id, connection_.names().find(entity));
    if (!connection_id || !entity_id) return found;
    CHECK_OK(local_of_.each_of_all(
        remote_ids.size(), [&](std::size_t i, auto&& with) { return with(*connection_id, *entity_id, remote_ids[i]); },
        [&](std::size_t i, const Row& row) { row.read(found[i].emplace()); }));
    return found;
}

RemoteIdsTable::RemoteIdsTable(Connection& connection)
    : RemoteIdsReads(connection),
      other_local_(connection, kOtherLocal),
      put_(connection, kPutRemoteId),
      remove_(connection, kRemoveRemoteId) {}

Result<void> RemoteIdsTable::put(std::span<const RemoteId> ids) {
    for (const auto& id : ids) {
        TRY(const auto connection, connection_.names().id(id.connection));
        TRY(const auto entity, connection_.names().id(id.entity));
        CHECK_OK(other_local_.run(connection, entity, id.local, id.remote_id));
        CHECK_OK(put_.run(connection, entity, id.local, id.remote_id));
    }
    return {};
}

Result<void> RemoteIdsTable::remove(const std::string& connection, const std::string& entity, Uid local) {
    TRY(const auto connection_id, connection_.names().id(connection));
    TRY(const auto entity_id, connection_.names().id(entity));
    CHECK_OK(remove_.run(connection_id, entity_id, local));
    return {};
}

}  // namespace tributary::store
