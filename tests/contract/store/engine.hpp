// What the contract suite of the store needs of an engine, and short ways to write, read and make rows.
// The suite is a set of functions with sections, called from each engine's own test cases.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "gateway/store/store.hpp"

namespace tributary::contract {

class Engine {
  public:
    virtual ~Engine() = default;
    // Opens the engine's one durable state. REQUIRES: the store opened before is destroyed.
    virtual std::unique_ptr<store::Store> open() = 0;
    // Whether leases of the process before last on after a restart, since other processes may live.
    virtual bool shared() const { return false; }
};

template <class T>
T must(Result<T> result) {
    INFO((result ? std::string() : result.error().text()));
    REQUIRE(result.has_value());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Runs one write and gives what its closure returned.
template <class F>
auto write(store::Store& store, F use) {
    using Value = typename std::invoke_result_t<F, store::Session&>::value_type;
    if constexpr (std::is_void_v<Value>) {
        must(store.write([&](store::Session& session) { return use(session); }));
    } else {
        std::optional<Value> value;
        must(store.write([&](store::Session& session) -> Result<void> {
            TRY(value, use(session));
            return {};
        }));
        return std::move(*value);
    }
}

template <class F>
auto read(store::Store& store, F use) {
    using Value = typename std::invoke_result_t<F, store::ReadSession&>::value_type;
    std::optional<Value> value;
    must(store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(value, use(session));
        return {};
    }));
    return std::move(*value);
}

// The error that a write ends with. Fails the test when it succeeds.
template <class F>
Error failure(store::Store& store, F use) {
    auto outcome = store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(use(session));
        return {};
    });
    REQUIRE_FALSE(outcome.has_value());
    return outcome.error();
}

inline Timestamp at(std::int64_t seconds) {
    return Timestamp{std::chrono::hours(24 * 365 * 56) + std::chrono::seconds(seconds)};
}

inline Uid uid(std::uint32_t number) {
    Uid uid;
    for (std::size_t i = 0; i < 4; ++i) uid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    uid.bytes[0] = 1;
    return uid;
}

inline store::Digest digest(std::uint32_t number) {
    store::Digest digest{};
    for (std::size_t i = 0; i < 4; ++i) digest[i] = static_cast<std::uint8_t>(number >> (8 * i));
    digest[31] = 7;
    return digest;
}

inline Result<void> put_keys(store::Session& session, const Uid& record, const std::vector<store::Digest>& keys) {
    const store::RecordKeys one{record, keys};
    return session.identity().put_keys(std::span(&one, 1));
}

}  // namespace tributary::contract
