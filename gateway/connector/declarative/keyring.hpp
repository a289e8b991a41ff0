// Keyring: which public keys are known of which sender, until when, and when they may be asked for again. No I/O.
//
// Asked on any thread, by webhooks that come in; filled by KeyFetch (key_fetch.hpp).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/connector/declarative/sender_keys.hpp"

namespace tributary::connector {

// Where the keys of an issuer are.
struct KeyPlace {
    std::string issuer;
    std::string url;  // empty: where the issuer's discovery document says

    auto operator<=>(const KeyPlace&) const = default;
};

class Keyring {
  public:
    using Keys = std::shared_ptr<const SenderKeys>;

    // The keys, one of that name among them. What it answers else:
    //   transient, keys_needed       they are to be fetched first: not there, too old, or the name is new
    //   transient, keys_unavailable  the last attempt failed, a few seconds ago
    //   unauthorized, key_unknown    they are new, and there is none of that name
    Result<Keys> find(const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm, Timestamp now);
    // Those that find() said to be needed.
    std::vector<KeyPlace> needed() const;

    // `life`: how long their server lets them be kept; kept at least a minute and at most a day.
    void put(const KeyPlace& place, Keys keys, Milliseconds life, Timestamp now);
    void failed(const KeyPlace& place, Timestamp now);

  private:
    struct Entry {
        Keys keys;  // nullptr: none yet
        Timestamp end{};
        Timestamp next{};  // not asked for before
        bool reachable = true;
        bool needed = false;
    };
    mutable std::mutex mutex_;
    std::map<KeyPlace, Entry> entries_;
};

}  // namespace tributary::connector
