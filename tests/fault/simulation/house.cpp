#include "tests/fault/simulation/house.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>

#include "gateway/record/load_model.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"

namespace tributary::simulation {
namespace {

template <class T>
T must(std::optional<T> made, const char* what) {
    if (made) return std::move(*made);
    std::fprintf(stderr, "the simulation has no %s\n", what);
    std::exit(2);
}

template <class T>
T must(Result<T> made, const char* what) {
    if (made) return std::move(*made);
    std::fprintf(stderr, "the simulation has no %s: %s\n", what, made.error().text().c_str());
    std::exit(2);
}

}  // namespace

House::House() {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    auto name = (parent / "tributary-simulation-XXXXXX").string();
    folder_ = must(std::optional<std::string>(::mkdtemp(name.data()) ? name : std::optional<std::string>()), "folder");
    const auto key = folder_ / "master.key";
    if (auto made = vault::create_master_file(key, random_); !made) must(Result<int>(pass(std::move(made))), "key");
    const auto master = must(vault::Master::from_file(key), "master key");
    ring_.emplace(must(vault::KeyRing::create(folder_ / "key.ring", master, random_, clock_), "key ring"));
    spec::Problems problems;
    model_ = must(record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems), "model");
    purposes_ =
        must(consent::PurposeRegistry::load(TRIBUTARY_SOURCE_DIR "/config/purposes.yaml", problems), "purposes");
    store_ = must(store::open_sqlite({.path = folder_ / "data" / "store.db"}, clock_, log_), "store");
    keys_.emplace(*store_);
    subject_keys_.emplace(*ring_, random_);
    blind_.emplace(*ring_);
    suppression_index_.emplace(*ring_, vault::Use::suppression);
}

House::~House() {
    finish_pool_work();
    store_->stop();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::unique_ptr<flow::World> House::world(const Clock& clock, crypto::Random& random, run::Timers& timers,
                                          store::Store& store) {
    return std::unique_ptr<flow::World>(new flow::World{clock,
                                                        random,
                                                        log_,
                                                        timers,
                                                        pool_,
                                                        store,
                                                        *keys_,
                                                        *subject_keys_,
                                                        *blind_,
                                                        *suppression_index_,
                                                        *ring_,
                                                        model_,
                                                        purposes_,
                                                        survivorship_,
                                                        {},
                                                        {}});
}

// A piece of work takes a few turns of its thread, each queued by the one before.
void House::finish_pool_work() {
    constexpr int kTurns = 5;
    struct Turn {
        run::Executor executor;
        std::promise<void>& done;
        int left;
        void operator()() const {
            if (left == 0)
                done.set_value();
            else
                boost::asio::post(executor, Turn{executor, done, left - 1});
        }
    };
    std::promise<void> done;
    boost::asio::post(pool_.executor(), Turn{pool_.executor(), done, kTurns});
    done.get_future().wait();
}

}  // namespace tributary::simulation
