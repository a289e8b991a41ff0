#include "gateway/store/sql/nodes_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kList =
    "SELECT id, name, version, started_at, until, generation, answered, refusal FROM node ORDER BY name, id";
constexpr const char* kChange =
    "SELECT number, generation, proposed_by, until, state, reason FROM configuration_change WHERE id = 1";
constexpr const char* kPut =
    "INSERT INTO node (id, name, version, started_at, until, generation, answered, refusal) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "version = excluded.version, until = excluded.until, generation = excluded.generation, "
    "answered = excluded.answered, refusal = excluded.refusal";
constexpr const char* kRemove = "DELETE FROM node WHERE id = ?1";
constexpr const char* kSweep = "DELETE FROM node WHERE until < ?1";
constexpr const char* kPropose =
    "INSERT INTO configuration_change (id, number, generation, proposed_by, until, state, reason) "
    "VALUES (1, 1, ?1, ?2, ?3, 0, '') ON CONFLICT (id) DO UPDATE SET number = configuration_change.number + 1, "
    "generation = excluded.generation, proposed_by = excluded.proposed_by, until = excluded.until, state = 0, "
    "reason = '' WHERE configuration_change.state <> 0 OR configuration_change.until <= ?4 RETURNING number";
constexpr const char* kDecide =
    "UPDATE configuration_change SET state = ?2, reason = ?3 WHERE id = 1 AND number = ?1 AND state = 0";

}  // namespace

NodesReads::NodesReads(Connection& connection)
    : connection_(connection), list_(connection, kList), change_(connection, kChange) {}

Result<std::vector<Node>> NodesReads::list() {
    std::vector<Node> nodes;
    CHECK_OK(list_.each([&](const Row& row) {
        auto& one = nodes.emplace_back();
        row.read(one.id, one.name, one.version, one.started_at, one.until, one.generation, one.answered, one.refusal);
        one.until = connection_.our_time(one.until);
    }));
    return nodes;
}

Result<std::optional<ConfigurationChange>> NodesReads::change() {
    std::optional<ConfigurationChange> found;
    CHECK_OK(change_.first([&](const Row& row) {
        auto& one = found.emplace();
        int state = 0;
        row.read(one.number, one.generation, one.proposed_by, one.until, state, one.reason);
        one.state = static_cast<ConfigurationChange::State>(state);
        one.until = connection_.our_time(one.until);
    }));
    return found;
}

NodesTable::NodesTable(Connection& connection)
    : NodesReads(connection),
      put_(connection, kPut),
      remove_(connection, kRemove),
      sweep_(connection, kSweep),
      propose_(connection, kPropose),
      decide_(connection, kDecide) {}

Result<void> NodesTable::put(const Node& node) {
    CHECK_OK(put_.run(node.id, node.name, node.version, node.started_at, connection_.lease_time(node.until),
                      node.generation, node.answered, node.refusal));
    return {};
}

Result<void> NodesTable::remove(const std::string& id) {
    CHECK_OK(remove_.run(id));
    return {};
}

Result<void> NodesTable::sweep(Timestamp before) {
    CHECK_OK(sweep_.run(connection_.lease_time(before)));
    return {};
}

Result<std::optional<std::uint64_t>> NodesTable::propose(const std::string& generation, const std::string& by,
                                                         Timestamp until, Timestamp now) {
    std::optional<std::uint64_t> number;
    CHECK_OK(propose_.first([&](const Row& row) { row.read(number.emplace()); }, generation, by,
                            connection_.lease_time(until), connection_.lease_time(now)));
    return number;
}

Result<void> NodesTable::decide(std::uint64_t number, ConfigurationChange::State state, const std::string& reason) {
    TRY(const auto changed, decide_.run(number, static_cast<int>(state), reason));
    if (changed == 0)
        return fail(Fault::conflict, "it was decided before", "change of configuration " + std::to_string(number));
    return {};
}

}  // namespace tributary::store
