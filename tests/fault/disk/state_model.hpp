// StateModel: what a store must hold after each commit of a trace, and the same told of a real store, as texts to
// compare. Leases and delays are left out: a restart takes them back.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/store/store.hpp"

namespace tributary::disk {

inline constexpr const char* kDestinations[] = {"crm", "mail"};
inline constexpr const char* kShop = "webshop";

Timestamp second(std::int64_t number);
store::Digest key_of(std::uint32_t number);
store::InboxEntry entry_of(std::uint32_t number);
store::NewItem item_of(std::uint32_t number, const std::string& destination);

struct StateModel {
    struct Lane {
        std::int64_t next_seq = 1;
        std::map<std::int64_t, std::uint32_t> items;  // seq -> number
    };
    std::set<std::uint32_t> waiting;                            // in the inbox
    std::map<std::pair<std::string, std::string>, Lane> lanes;  // (destination, key)
    std::map<std::string, std::uint64_t> delivered, buried;     // by destination
    std::uint64_t cursor = 0;                                   // of the one stream

    void enqueue(std::uint32_t number);
    std::string text() const;
};

// The same of a store that was just opened. It claims what is in the inbox.
Result<std::string> text_of(store::Store& store);

}  // namespace tributary::disk
