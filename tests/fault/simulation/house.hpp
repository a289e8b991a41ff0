// House: what all nodes of a simulation share: one real store, in memory where there is such a place, and the vault,
// model and purposes around it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "gateway/base/log.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/store.hpp"
#include "gateway/store/vault_stores.hpp"

namespace tributary::simulation {

class House {
  public:
    // Ends the process with a word when its parts cannot be made: nothing can be simulated then.
    House();
    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    store::Store& store() { return *store_; }
    run::Pool& pool() { return pool_; }
    // What a node works on, with a clock, timers, random and way to the store of its own.
    std::unique_ptr<flow::World> world(const Clock& clock, crypto::Random& random, run::Timers& timers,
                                       store::Store& store);
    // Returns once everything that was given to the pool is done.
    void finish_pool_work();

  private:
    std::filesystem::path folder_;
    FakeClock clock_;
    crypto::SeededRandom random_{1};
    Log log_{LogLevel::off};
    run::Pool pool_{"simulation", 1};  // one thread: work is done in the order in which it was given
    record::Model model_;
    consent::PurposeRegistry purposes_;
    identity::Survivorship survivorship_;
    std::optional<vault::KeyRing> ring_;
    std::unique_ptr<store::Store> store_;
    std::optional<store::StoredKeys> keys_;
    std::optional<vault::SubjectKeys> subject_keys_;
    std::optional<vault::BlindIndex> blind_, suppression_index_;
};

}  // namespace tributary::simulation
