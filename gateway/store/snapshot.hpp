// Snapshot and Rebuild: all rows of a store at one moment, taken out and laid again. Rows travel as they lie, so what
// is sealed stays sealed; free pages, logs and what was deleted do not travel.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/store/session.hpp"

namespace tributary::store {

struct Bytes {
    std::string bytes;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};
// NULL, whole number, text or bytes: no table holds anything else.
using Cell = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
using Cells = std::vector<Cell>;

struct TableShape {
    std::string name;
    std::vector<std::string> columns;
    friend bool operator==(const TableShape&, const TableShape&) = default;
};

// Used by one thread at a time. Writers go on meanwhile; the log of what they write is kept until this is gone.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
    virtual std::uint32_t schema_version() const = 0;
    // Those whose rows say what to leave out of the others first.
    virtual Result<std::vector<TableShape>> tables() = 0;
    // Ends at the first error of `use`, with that error.
    virtual Result<void> rows(const TableShape& table, const std::function<Result<void>(const Cells&)>& use) = 0;
    virtual ReadSession& session() = 0;
};

// A new store that grows from rows, in the order of Snapshot::tables(). Until finish() it is nothing: dropped before,
// or found after a crash, it is thrown away. One thread.
class Rebuild {
  public:
    virtual ~Rebuild() = default;
    // bad_input: this schema has no such table, or not these columns.
    virtual Result<void> table(const TableShape& table) = 0;
    virtual Result<void> row(const Cells& cells) = 0;
    // Leases and fences go far ahead of what they were, so that no holder of before is taken for the one of now; lanes
    // hold what is left of their items. Checked and durable afterwards.
    virtual Result<void> finish() = 0;
};

}  // namespace tributary::store
