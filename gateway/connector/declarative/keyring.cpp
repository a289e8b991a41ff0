#include "gateway/connector/declarative/keyring.hpp"

#include <algorithm>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/jwt_verify.hpp"

namespace tributary::connector {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kShortestLife = 1min, kLongestLife = 24h;
// A token with a name nobody knows costs nobody more than one request a minute.
constexpr Milliseconds kBetween = 1min;
constexpr Milliseconds kAfterFailure = 5s;

}  // namespace

Result<Keyring::Keys> Keyring::find(const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm, Timestamp now) {
    std::scoped_lock lock(mutex_);
    auto& entry = entries_[place];
    const bool fresh = entry.keys && now < entry.end;
    if (fresh && entry.keys->find(id, algorithm)) return entry.keys;
    if (now >= entry.next) {
        entry.needed = true;
        return fail(Fault::transient, std::string(kKeysNeeded));
    }
    if (!fresh || !entry.reachable) return fail(Fault::transient, std::string(kKeysUnavailable));
    return fail(Fault::unauthorized, std::string(kKeyUnknown));
}

std::vector<KeyPlace> Keyring::needed() const {
    std::scoped_lock lock(mutex_);
    std::vector<KeyPlace> out;
    for (const auto& [place, entry] : entries_)
        if (entry.needed) out.push_back(place);
    return out;
}

void Keyring::put(const KeyPlace& place, Keys keys, Milliseconds life, Timestamp now) {
    std::scoped_lock lock(mutex_);
    entries_[place] = {std::move(keys), now + std::clamp(life, kShortestLife, kLongestLife), now + kBetween};
}

void Keyring::failed(const KeyPlace& place, Timestamp now) {
    std::scoped_lock lock(mutex_);
    auto& entry = entries_[place];
    entry.next = now + kAfterFailure;
    entry.reachable = false;
    entry.needed = false;
}

}  // namespace tributary::connector
