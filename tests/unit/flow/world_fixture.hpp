// A whole small gateway in a temporary folder: real store, vault, model and mappings; scripted connectors.
#pragma once

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "gateway/connector/capabilities.hpp"
#include "gateway/flow/delivery_worker.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/sync_job.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/value/json.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

// Keeps what was pushed; answers as scripted, else with success.
class ScriptedConnector final : public connector::Connector,
                                public connector::Sink,
                                public connector::Source,
                                public connector::Capable {
  public:
    struct Pushed {
        std::string key, json;
        std::optional<std::string> remote_id;
        std::string action;
        bool deleted = false;
    };
    std::vector<Pushed> pushed;
    std::deque<Outcome> script;                         // one for each item
    std::deque<Result<connector::Page>> pages;          // one for each pull
    std::vector<std::string> cursors;                   // that were asked for
    std::map<std::string, connector::Receipt> arrived;  // by idempotency key, for look_up
    connector::Idempotency kind = connector::Idempotency::natural_key;
    std::size_t batch = 1;
    std::function<void()> before_push, before_look_up;
    std::function<run::Task<>()> wait_before_push;
    bool looks_again = false;  // once it has waited
    connector::Capabilities can;

    connector::Sink* sink() override { return this; }
    connector::Source* source() override { return this; }
    const connector::Capabilities& capabilities() const override { return can; }
    run::Task<Result<void>> check() override { co_return Result<void>{}; }
    connector::Idempotency idempotency(const std::string&) const override { return kind; }
    std::size_t batch_limit(const std::string&) const override { return batch; }
    run::Task<std::vector<Outcome>> push(std::string action, std::vector<connector::Push> items) override {
        if (before_push) before_push();
        if (wait_before_push) co_await wait_before_push();
        if (looks_again && !co_await items.front().look_again())
            co_return connector::all_failed(items.size(), run::Hold::too_late());
        std::vector<Outcome> outcomes;
        for (auto& item : items) {
            Outcome outcome{connector::Receipt{"r-" + std::to_string(pushed.size() + 1), false}, false};
            if (!script.empty()) {
                outcome = std::move(script.front());
                script.pop_front();
            }
            pushed.push_back(
                {item.idempotency_key, value::to_json(item.record.root()), item.remote_id, action, item.deleted});
            outcomes.push_back(std::move(outcome));
        }
        co_return outcomes;
    }
    run::Task<Result<std::optional<connector::Receipt>>> look_up(std::string, const connector::Push& item) override {
        if (before_look_up) before_look_up();
        auto found = arrived.find(item.idempotency_key);
        if (found == arrived.end()) co_return std::optional<connector::Receipt>{};
        co_return std::optional(found->second);
    }
    run::Task<Result<connector::Page>> pull(std::string, connector::Cursor cursor) override {
        cursors.push_back(cursor.json);
        if (pages.empty()) co_return connector::Page{.last = true};
        auto page = std::move(pages.front());
        pages.pop_front();
        co_return page;
    }
};

// Lets a test act just before and just after any look at the store.
class WatchedStore final : public store::Store {
  public:
    explicit WatchedStore(std::unique_ptr<store::Store> inner) : inner_(std::move(inner)) {}
    std::function<void()> before;  // every read and write
    std::function<void()> after;   // the same
    bool others = false;           // as a store that several processes share
    bool silent = false;           // takes webhooks and does not answer
    bool shared() const override { return others; }

    Result<void> write(Write write) override {
        if (before) before();
        auto written = inner_->write(std::move(write));
        if (after) after();
        return written;
    }
    Result<void> read(std::function<Result<void>(store::ReadSession&)> read) override {
        if (before) before();
        auto seen = inner_->read(std::move(read));
        if (after) after();
        return seen;
    }
    void write_async(Write write, Done done) override { inner_->write_async(std::move(write), std::move(done)); }
    void accept(store::InboxEntry entry, std::move_only_function<void(Result<store::Accepted>)> done) override {
        inner_->accept(std::move(entry), [done = std::move(done), quiet = silent](auto outcome) mutable {
            if (!quiet) done(std::move(outcome));
        });
    }
    Result<void> settle_log() override { return inner_->settle_log(); }
    void begin_bulk() override { inner_->begin_bulk(); }
    void end_bulk() override { inner_->end_bulk(); }
    store::StoreHealth health() const override { return inner_->health(); }
    void stop() override { inner_->stop(); }

  private:
    std::unique_ptr<store::Store> inner_;
};

class WorldFixture {
  public:
    WorldFixture() {
        auto name = (std::filesystem::temp_directory_path() / "tributary-flow-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        auto key = folder / "master.key";
        REQUIRE(vault::create_master_file(key, random).has_value());
        auto master = vault::Master::from_file(key);
        auto made = vault::KeyRing::create(folder / "key.ring", *master, random, clock);
        REQUIRE(made.has_value());
        ring.emplace(std::move(*made));
        spec::Problems problems;
        model = *record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
        purposes = *consent::PurposeRegistry::load(TRIBUTARY_SOURCE_DIR "/config/purposes.yaml", problems);
        auto opened = store::open_sqlite({.path = folder / "store.db"}, clock, log);
        REQUIRE(opened.has_value());
        store = std::make_unique<WatchedStore>(std::move(*opened));
        keys = std::make_unique<store::StoredKeys>(*store);
        subject_keys = std::make_unique<vault::SubjectKeys>(*ring, random);
        blind = std::make_unique<vault::BlindIndex>(*ring);
        suppression_index = std::make_unique<vault::BlindIndex>(*ring, vault::Use::suppression);
        world.reset(new World{clock,
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
                              model,
                              purposes,
                              survivorship,
                              {},
                              {}});
        process = std::make_unique<Process>(*world);
        for (auto name_of_connection : {"shop", "erp", "crm"}) connect(name_of_connection);
    }
    ~WorldFixture() {
        process.reset();
        store->stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    void connect(const std::string& name) {
        Connection connection;
        connection.name = name;
        connection.connector_name = "scripted";
        connection.trusted_contact_points = true;
        auto owned = std::make_unique<ScriptedConnector>();
        connectors[name] = owned.get();
        connection.connector = std::move(owned);
        connection.streams.emplace("people", Stream{"people", plan(kPeople), std::nullopt, false});
        connection.streams.emplace("orders", Stream{"orders", plan(kOrders), std::nullopt, false});
        world->connections.emplace(name, std::move(connection));
    }

    std::shared_ptr<const mapping::Plan> plan(const char* text) {
        spec::Problems problems;
        auto compiled = mapping::compile_text(text, "test.yaml", model, lookups, problems);
        INFO(problems.text());
        REQUIRE(compiled);
        return compiled;
    }

    Delivery& deliver(std::string to, std::string purpose) {
        Delivery delivery;
        delivery.name = to + "-contacts";
        delivery.to = std::move(to);
        delivery.entity = "contact";
        delivery.action = "put";
        delivery.purpose = std::move(purpose);
        world->deliveries.push_back(std::move(delivery));
        return world->deliveries.back();
    }

    // Orders need their customer over there.
    Delivery& deliver_orders(std::string to) {
        auto& delivery = deliver(std::move(to), "service.order");
        delivery.name = delivery.to + "-orders";
        delivery.entity = "order";
        delivery.plan = plan(kOrderOut);
        return delivery;
    }

    BatchResult take_order(const std::string& connection, const std::string& who, const std::string& status) {
        return take(connection, "of-" + who,
                    R"({"at":"2026-01-06T10:00:00Z","who":")" + who + R"(","status":")" + status + R"("})", "orders");
    }

    BatchResult take(const std::string& connection, const std::string& id, const std::string& json,
                     const std::string& stream = "people") {
        Batch batch;
        batch.connection = connection;
        batch.records.push_back({stream, {id, json, false}});
        auto result = process->process(std::move(batch));
        INFO((result ? "" : result.error().text()));
        REQUIRE(result.has_value());
        return *result;
    }

    std::size_t round(const std::string& destination) {
        DeliveryWorker worker(*world, destination);
        auto taken = run::run_blocking(loop, worker.work_off());
        INFO((taken ? "" : taken.error().text()));
        REQUIRE(taken.has_value());
        return *taken;
    }

    template <class T>
    T read(std::function<Result<T>(store::ReadSession&)> get) {
        std::optional<T> value;
        auto done = store->read([&](store::ReadSession& session) -> Result<void> {
            TRY(value, get(session));
            return {};
        });
        INFO((done ? "" : done.error().text()));
        REQUIRE(done.has_value());
        return std::move(*value);
    }
    store::Stats stats() {
        return read<store::Stats>([](store::ReadSession& session) { return session.counters().stats(); });
    }
    Uid uid(const std::string& connection, const std::string& id) {
        return record_uid(*blind, {connection, "people", id});
    }

    static constexpr const char* kPeople = R"(
mapping: test/people
to: contact
fields:
  name.full: name
  emails: [email]
  phones: [phone]
  updated_at: { from: at, as: timestamp, format: rfc3339 }
consent:
  - when: news
    fields:
      contact_ref: id
      contact_point: { fields: { kind: { value: email, when: email }, value: email } }
      purpose: { value: marketing.email }
      channel: { value: email }
      event_state: { from: news, lookup: { granted: given, taken_back: withdrawn } }
      event_time: { from: at, as: timestamp, format: rfc3339 }
      origin: { value: subject }
      event_type: { value: explicit }
require: [name.full]
)";

    static constexpr const char* kOrders = R"(
mapping: test/orders
to: order
fields:
  number: { template: "of-{who}" }
  placed_at: at
  currency: { value: EUR }
  status: status
  contact: { link: contact, key: who }
)";
    static constexpr const char* kOrderOut = R"(
mapping: test/order.out
from: order
to: external
fields: { number: number, status: status, party: { lua: "return record.remote and record.remote.contact" } }
require: [party]
)";

    std::filesystem::path folder;
    FakeClock clock;
    crypto::SeededRandom random{7};
    Log log{LogLevel::off};
    run::FakeTimers timers{clock};
    run::Loop loop{"test"};  // outlives the pool, whose threads may still hold its executor
    run::Pool pool{"test", 4};
    record::Model model;
    mapping::Lookups lookups;
    consent::PurposeRegistry purposes;
    identity::Survivorship survivorship;
    std::optional<vault::KeyRing> ring;
    std::unique_ptr<WatchedStore> store;
    std::unique_ptr<store::StoredKeys> keys;
    std::unique_ptr<vault::SubjectKeys> subject_keys;
    std::unique_ptr<vault::BlindIndex> blind, suppression_index;
    std::unique_ptr<World> world;
    std::unique_ptr<Process> process;
    std::map<std::string, ScriptedConnector*> connectors;  // owned by the world
};

}  // namespace tributary::flow
