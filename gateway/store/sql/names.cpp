#include "gateway/store/sql/names.hpp"

#include <algorithm>

namespace tributary::store {

Names::Names(Connection& connection)
    : connection_(connection),
      find_(connection, "SELECT id FROM name WHERE text = ?1"),
      insert_(connection, "INSERT INTO name (text) VALUES (?1) ON CONFLICT (text) DO NOTHING RETURNING id"),
      text_(connection, "SELECT text FROM name WHERE id = ?1") {}

void Names::learn(std::int64_t id, std::string_view name) {
    ids_.emplace(name, id);
    texts_.emplace(id, name);
}

Result<std::optional<std::int64_t>> Names::find(std::string_view name) {
    if (const auto known = ids_.find(name); known != ids_.end()) return known->second;
    std::int64_t id = 0;
    TRY(const bool found, find_.first([&](const Row& row) { row.read(id); }, name));
    if (!found) return std::nullopt;
    learn(id, name);
    return id;
}

Result<std::int64_t> Names::id(std::string_view name) {
    TRY(const auto known, find(name));
    if (known) return *known;
    std::int64_t made = 0;
    TRY(const bool fresh, insert_.first([&](const Row& row) { row.read(made); }, name));
    if (!fresh) {  // another process made it meanwhile, and its transaction has ended
        TRY(const auto theirs, find(name));
        if (!theirs) return fail(Fault::transient, "another transaction made this name and took it back: try again");
        return *theirs;
    }
    newest_ = made;
    learn(made, name);
    return made;
}

const std::string& Names::text(std::int64_t id) {
    if (const auto known = texts_.find(id); known != texts_.end()) return known->second;
    std::string name;
    auto found = text_.first([&](const Row& row) { row.read(name); }, id);
    if (!found || !*found) {
        static const std::string kNone;
        connection_.defer(found ? Error{Fault::internal, "database: a row holds an unknown name"}
                                : std::move(found).error());
        return kNone;
    }
    learn(id, name);
    return texts_.find(id)->second;
}

void Names::rolled_back() {
    std::erase_if(ids_, [this](const auto& entry) { return entry.second > durable_; });
    std::erase_if(texts_, [this](const auto& entry) { return entry.first > durable_; });
    newest_ = durable_;
}

}  // namespace tributary::store
