// Engine: a World of its own in a fresh directory, wired as the program wires it: store (SQLite when nothing else is
// said), master key, key ring, sealing. The caller adds connections. The directory is removed with it.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "gateway/flow/world.hpp"
#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/vault/master.hpp"

namespace bench {

class Directory {
  public:
    explicit Directory(const std::filesystem::path& below)
        : path_(below / fmt::format("tributary-bench-{}-{}", ::getpid(),
                                    std::chrono::steady_clock::now().time_since_epoch().count())) {
        std::filesystem::create_directories(path_);
    }
    ~Directory() {
        std::error_code ignored;  // what is left lies below the temporary directory
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Ends the bench when there is no value.
template <class T>
T must(tributary::Result<T> result) {
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().text());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline const tributary::record::Model& canonical_model() {
    static const auto model = [] {
        tributary::spec::Problems problems;
        auto loaded = tributary::record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
        if (!loaded) {
            fmt::print(stderr, "{}", problems.text());
            std::exit(1);
        }
        return std::move(*loaded);
    }();
    return model;
}

inline std::shared_ptr<const tributary::mapping::Plan> compile(const std::string& text) {
    tributary::spec::Problems problems;
    auto plan = tributary::mapping::compile_text(text, "bench", canonical_model(), {}, problems);
    if (!plan) {
        fmt::print(stderr, "{}", problems.text());
        std::exit(1);
    }
    return plan;
}

struct Engine {
    // Opens the store that the engine works on.
    using Open = std::function<tributary::Result<std::unique_ptr<tributary::store::Store>>(Engine&)>;

    explicit Engine(const std::filesystem::path& below, const Open& open = open_sqlite) : directory(below) {
        must(tributary::vault::create_master_file(directory.path() / "master.key", random));
        const auto master = must(tributary::vault::Master::from_file(directory.path() / "master.key"));
        ring.emplace(must(tributary::vault::KeyRing::create(directory.path() / "key.ring", master, random, clock)));
        store = must(open(*this));
        keys = std::make_unique<tributary::store::StoredKeys>(*store);
        subject_keys = std::make_unique<tributary::vault::SubjectKeys>(*ring, random);
        blind = std::make_unique<tributary::vault::BlindIndex>(*ring);
        suppression_index = std::make_unique<tributary::vault::BlindIndex>(*ring, tributary::vault::Use::suppression);
        world.reset(new tributary::flow::World{clock,
                                               random,
                                               log,
                                               timers,
                                               pool,
                                               *store,
                                               *keys,
                                               *subject_keys,
                                               *blind,
                                               *suppression_index,
                                               *ring,
                                               canonical_model(),
                                               purposes,
                                               survivorship,
                                               {},
                                               {}});
        loop.start();
    }
    ~Engine() {
        loop.stop();
        store->stop();
    }

    static tributary::Result<std::unique_ptr<tributary::store::Store>> open_sqlite(Engine& engine) {
        return tributary::store::open_sqlite({.path = engine.directory.path() / "tributary.db"}, engine.clock,
                                             engine.log);
    }

    Directory directory;
    tributary::SystemClock clock;
    tributary::crypto::SystemRandom random;
    tributary::Log log{tributary::LogLevel::error};
    tributary::run::SystemTimers timers;
    tributary::consent::PurposeRegistry purposes;
    tributary::identity::Survivorship survivorship;
    std::optional<tributary::vault::KeyRing> ring;
    std::unique_ptr<tributary::store::Store> store;
    std::unique_ptr<tributary::store::StoredKeys> keys;
    std::unique_ptr<tributary::vault::SubjectKeys> subject_keys;
    std::unique_ptr<tributary::vault::BlindIndex> blind, suppression_index;
    tributary::run::Loop loop{"bench"};  // outlives the pool, whose threads resume what runs on it
    tributary::run::Pool pool{"work", 8};
    std::unique_ptr<tributary::flow::World> world;
};

}  // namespace bench
