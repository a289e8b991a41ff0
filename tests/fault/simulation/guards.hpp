// Guards: the nodes' way to the store, with one guard of the product broken on purpose. A simulation that does not
// notice proves nothing.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "gateway/store/store.hpp"

namespace tributary::simulation {

enum class Broken {
    none,
    fence,           // who lost its lease settles all the same
    dedup,           // the idempotency key is another at each attempt
    second_consent,  // consent is not asked again just before a push
    hold,            // what is about to leave does not ask whether its lease still stands
};
const char* name_of(Broken broken);

class GuardedStore final : public store::Store {
  public:
    // `inner` outlives it.
    GuardedStore(store::Store& inner, Broken broken);
    ~GuardedStore() override;

    Result<void> write(Write write) override;
    Result<void> read(std::function<Result<void>(store::ReadSession&)> read) override;
    void write_async(Write write, Done done) override { inner_.write_async(std::move(write), std::move(done)); }
    void accept(store::InboxEntry entry, std::move_only_function<void(Result<store::Accepted>)> done) override {
        inner_.accept(std::move(entry), std::move(done));
    }
    Result<void> settle_log() override { return inner_.settle_log(); }
    void begin_bulk() override { inner_.begin_bulk(); }
    void end_bulk() override { inner_.end_bulk(); }
    store::StoreHealth health() const override { return inner_.health(); }
    void stop() override { inner_.stop(); }

  private:
    store::Store& inner_;
    Broken broken_;
    std::map<std::int64_t, std::uint64_t> newest_tokens_;  // of each lane; used on the store's thread
};

}  // namespace tributary::simulation
