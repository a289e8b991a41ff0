// Names: connections, streams, destinations, entities and the like, stored once each and kept as small integers in all
// rows. Names are never removed, so what a cache knows stays true, except names of a transaction that was rolled back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/base/result.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class Names {
  public:
    explicit Names(Connection& connection);

    // Makes the name when it is new. REQUIRES: a connection that may write.
    Result<std::int64_t> id(std::string_view name);
    // nullopt: no row can have it.
    Result<std::optional<std::int64_t>> find(std::string_view name);
    // An id from a row. An error is deferred to the statement that is running.
    const std::string& text(std::int64_t id);

    void committed() { durable_ = newest_; }
    void rolled_back();

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    void learn(std::int64_t id, std::string_view name);

    Connection& connection_;
    Statement find_, insert_, text_;
    std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
    std::unordered_map<std::int64_t, std::string> texts_;
    std::int64_t newest_ = 0, durable_ = 0;  // of the ids made here
};

}  // namespace tributary::store
