// Several gateways on one PostgreSQL database, a server that goes away, and commits whose answer is lost.
#include <atomic>
#include <iostream>
#include <set>

#include "gateway/audit/trail.hpp"
#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"
#include "tests/unit/store/cutting_proxy.hpp"
#include "tests/unit/store/postgres_engine.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

Result<void> put_stream(store::Session& session, const std::string& stream) {
    return session.checkpoints().put({"erp", stream, "1", "{}", at(1)});
}

std::set<std::string> streams_of(store::Store& store) {
    std::set<std::string> streams;
    for (const auto& one : read(store, [](store::ReadSession& s) { return s.checkpoints().list(); }))
        streams.insert(one.stream);
    return streams;
}

std::string through(const PostgresEngine& engine, const CuttingProxy& proxy) {
    auto dsn = engine.options.dsn;
    const auto server = PostgresServer::get().path();
    return dsn.replace(dsn.find(server), server.size(), proxy.path());
}

}  // namespace

TEST_CASE("two nodes write one audit chain, and each knows at once what the other wrote", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (auto* store : {first.get(), second.get()}) {
        threads.emplace_back([store, &failed] {
            for (int n = 0; n < 100; ++n) {
                const auto wrote = store->write([&](store::Session& s) -> Result<void> {
                    const std::vector entries{"entry " + std::to_string(n)};
                    CHECK_OK(s.audit().append(entries));
                    return put_stream(s, "stream" + std::to_string(n));  // names that both make
                });
                if (!wrote) ++failed;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(failed == 0);
    const auto entries = read(*first, [](store::ReadSession& s) { return s.audit().read(0, 1000); });
    REQUIRE(entries.size() == 200);
    audit::Hash chain{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CHECK(entries[i].seq == static_cast<std::int64_t>(i) + 1);
        chain = audit::chain_hash(chain, audit::leaf_hash(entries[i].bytes));
        CHECK(entries[i].chain == chain);
    }
    CHECK(streams_of(*second).size() == 100);
}

TEST_CASE("of one webhook at two nodes exactly one is fresh", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    constexpr std::uint32_t kKeys = 400;
    std::atomic<int> fresh = 0, duplicate = 0, failed = 0;
    const auto told = [&](Result<store::Accepted> outcome) {
        ++(!outcome ? failed : *outcome == store::Accepted::fresh ? fresh : duplicate);
    };
    // In opposite orders, so that their transactions meet on the same keys.
    for (std::uint32_t n = 0; n < kKeys; ++n) {
        first->accept(entry(n), told);
        second->accept(entry(kKeys - 1 - n), told);
    }
    first->stop();
    second->stop();
    std::cout << "one webhook at two nodes: " << 2 * kKeys << " sent, " << fresh << " fresh, " << duplicate
              << " duplicate, " << failed << " refused\n";
    // Who met the other's transaction the wrong way round is asked to send again.
    CHECK(fresh == static_cast<int>(kKeys));
    CHECK(fresh + duplicate + failed == 2 * static_cast<int>(kKeys));
    auto third = engine.open();
    CHECK(claim(*third, 1000, at(5000)).size() == kKeys);
}

TEST_CASE("webhooks are taken in while another node holds the writers' lock", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    std::promise<void> inside, go;
    first->write_async(
        [&](store::Session&) -> Result<void> {
            inside.set_value();
            go.get_future().wait();
            return {};
        },
        nullptr);
    inside.get_future().wait();
    std::promise<bool> accepted;
    second->accept(entry(1), [&](Result<store::Accepted> outcome) { accepted.set_value(outcome.has_value()); });
    CHECK(accepted.get_future().get());
    go.set_value();
}

TEST_CASE("one node at a time has webhooks in hand, and the first to finish one counts", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    write(*first, [](store::Session& s) { return s.inbox().put(entries(1, 6)); });
    const auto held = claim(*first, 2, at(100));
    REQUIRE(held.size() == 2);
    CHECK(claim(*second, 10, at(100)).empty());
    CHECK(bodies(claim(*first, 1, at(100))) == std::vector<std::string>{"body 3"});
    // The first stands still past its claims: the second goes on where it stopped, in order.
    const auto taken = claim(*second, 10, at(140));
    CHECK(bodies(taken) == std::vector<std::string>{"body 1", "body 2", "body 3", "body 4", "body 5", "body 6"});
    CHECK(taken[0].claims == 2);
    write(*first, [&](store::Session& s) { return s.inbox().retry(held[0].id, at(100), "late"); });
    CHECK(claim(*first, 10, at(141)).empty());  // not its own any more
    write(*second, [&](store::Session& s) { return s.inbox().finish(std::vector{taken[0].id}); });
    CHECK(failure(*first, [&](store::Session& s) { return s.inbox().finish(std::vector{held[0].id}); }).fault ==
          Fault::conflict);
    CHECK(read(*second, [](store::ReadSession& s) { return s.inbox().depth(); }).waiting == 5);
}

TEST_CASE("a lane is leased by one node, and a restart of another leaves it alone", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    Lanes here{*first}, there{*second};
    here.enqueue({item("a", 1), item("b", 2)});
    const auto held = here.claim(1);
    REQUIRE(held.size() == 1);
    const auto other = there.claim();
    REQUIRE(other.size() == 1);
    CHECK(other[0].lane_key != held[0].lane_key);
    second = engine.open();
    CHECK(here.settle(here.all(held[0], store::ItemEnd::delivered)) == store::Settled::settled);
}

TEST_CASE("the dead letters' limit holds over two nodes", "[store][postgres]") {
    PostgresEngine engine;
    engine.options.dead_letter_limit = 3;
    auto first = engine.open(), second = engine.open();
    const std::vector<store::NewDeadLetter> one(1, {.stage = "map", .cause = "broken", .connection = "erp"});
    const auto put = [&](store::Store& store) {
        return store.write([&](store::Session& s) -> Result<void> {
            CHECK_OK(s.dead_letters().put(one));
            return {};
        });
    };
    CHECK(put(*first));
    CHECK(put(*second));
    CHECK(put(*first));
    CHECK_FALSE(put(*second));
    CHECK_FALSE(put(*first));
}

TEST_CASE("a commit whose answer was lost is told as what it became", "[store][postgres]") {
    using Cut = CuttingProxy::Cut;
    PostgresEngine engine, direct;
    direct.options.dsn = engine.options.dsn;
    CuttingProxy proxy(PostgresServer::get().path());
    engine.options.dsn = through(engine, proxy);
    auto store = engine.open();
    int committed = 0, refused = 0;
    for (int n = 0; n < 20; ++n) {
        const auto stream = "cut" + std::to_string(n);
        const auto cut = n % 2 == 0 ? Cut::after : Cut::before;
        proxy.arm(cut);
        const auto wrote = store->write([&](store::Session& s) { return put_stream(s, stream); });
        INFO(n);
        CHECK(wrote.has_value() == (cut == Cut::after));
        if (!wrote) CHECK(wrote.error().fault == Fault::transient);
        CHECK(streams_of(*store).contains(stream) == wrote.has_value());
        ++(wrote ? committed : refused);
    }
    for (std::uint32_t n = 0; n < 20; ++n) {
        proxy.arm(n % 2 == 0 ? Cut::after : Cut::before);
        std::promise<Result<store::Accepted>> told;
        store->accept(entry(n), [&](Result<store::Accepted> outcome) { told.set_value(std::move(outcome)); });
        CHECK(told.get_future().get().has_value() == (n % 2 == 0));
    }
    CHECK(proxy.cuts() == 40);
    CHECK(read(*store, [](store::ReadSession& s) { return s.inbox().depth(); }).waiting == 10);
    CHECK_FALSE(store->health().poisoned);
    std::cout << "lost commits: " << proxy.cuts() << " connections cut, " << committed << " told as committed, "
              << refused << " as not, 0 wrong\n";
}

TEST_CASE("the server crashes under load: what was acknowledged is there, what was refused is not",
          "[store][postgres]") {
    PostgresEngine engine;
    auto store = engine.open();
    std::set<std::string> good, bad;
    std::mutex mutex;
    std::atomic<bool> over = false;
    std::atomic<std::uint32_t> accepted = 0, offered = 0;
    std::vector<std::thread> writers;
    for (int thread = 0; thread < 3; ++thread) {
        writers.emplace_back([&, thread] {
            for (int n = 0; !over && n < 20'000; ++n) {
                const auto stream = std::to_string(thread) + "/" + std::to_string(n);
                const auto wrote = store->write([&](store::Session& s) { return put_stream(s, stream); });
                {
                    const std::lock_guard lock(mutex);
                    (wrote ? good : bad).insert(stream);
                }
                store->accept(entry(++offered),
                              [&](Result<store::Accepted> outcome) { accepted += outcome.has_value(); });
            }
        });
    }
    int restarts = 0;
    for (; restarts < 4; ++restarts) {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        PostgresServer::get().restart();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    over = true;
    for (auto& writer : writers) writer.join();
    store->stop();
    store = engine.open();
    const auto there = streams_of(*store);
    std::size_t lost = 0, undead = 0;
    for (const auto& one : good) lost += !there.contains(one);
    for (const auto& one : bad) undead += there.contains(one);
    const auto waiting = read(*store, [](store::ReadSession& s) { return s.inbox().depth(); }).waiting;
    std::cout << "server crashes: " << restarts << " under load, " << good.size() << " writes and " << accepted
              << " webhooks acknowledged, " << lost << " lost, " << bad.size() << " refused, of these " << undead
              << " written after all\n";
    CHECK(lost == 0);
    CHECK(undead == 0);
    CHECK(waiting == accepted);
    CHECK(good.size() > 50);
}

TEST_CASE("while the server is away one webhook waits for it, and the others are told at once", "[store][postgres]") {
    PostgresEngine engine, direct;
    direct.options.dsn = engine.options.dsn;
    auto proxy = std::make_unique<CuttingProxy>(PostgresServer::get().path());
    engine.options.dsn = through(engine, *proxy);
    auto store = engine.open();
    CHECK_FALSE(store->health().away);
    proxy.reset();  // nobody answers any more, and sessions end
    std::promise<bool> first;
    store->accept(entry(1), [&](Result<store::Accepted> outcome) { first.set_value(outcome.has_value()); });
    while (!store->health().away) std::this_thread::yield();
    bool told = false;
    store->accept(entry(2), [&](Result<store::Accepted> outcome) {
        told = !outcome && outcome.error().fault == Fault::transient;
    });
    CHECK(told);
    CHECK_FALSE(store->health().poisoned);
    store->stop();
    CHECK_FALSE(first.get_future().get());
}

TEST_CASE("a session that stays inside a transaction is seen", "[store][postgres]") {
    PostgresEngine engine;
    auto first = engine.open(), second = engine.open();
    const auto held = [&] { return read(*first, [](store::ReadSession& s) { return s.overview().held_rows(); }); };
    std::promise<void> inside, go;
    std::thread reader([&] {
        CHECK(second->read([&](store::ReadSession& session) -> Result<void> {
            CHECK_OK(session.checkpoints().list());
            inside.set_value();
            go.get_future().wait();
            return {};
        }));
    });
    inside.get_future().wait();
    for (int n = 0; n < 20; ++n) write(*first, [&](store::Session& s) { return put_stream(s, std::to_string(n)); });
    const auto now = held();
    CHECK(now.oldest_snapshot > std::chrono::milliseconds(0));
    CHECK(now.oldest_transactions >= 20);
    go.set_value();
    reader.join();
    CHECK(held().oldest_transactions < 20);
}

TEST_CASE("an unreachable or newer database is refused with what to do", "[store][postgres]") {
    PostgresEngine engine;
    engine.open();
    SECTION("a newer schema") {
        PostgresServer::get().sql(engine.options.dsn, "UPDATE store_version SET version = 999");
        const auto opened = engine.try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault == Fault::bad_config);
        CHECK(opened.error().what.contains("run the newer program"));
    }
    SECTION("nobody answers") {
        engine.options.dsn = "host=/nowhere user=tributary password=hunter2";
        const auto opened = engine.try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault != Fault::internal);
        CHECK_FALSE(opened.error().text().contains("hunter2"));
    }
    SECTION("a dsn that cannot be read is not quoted") {
        engine.options.dsn = "host=x password='hunter2";
        const auto opened = engine.try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().fault == Fault::bad_config);
        CHECK_FALSE(opened.error().text().contains("hunter2"));
    }
}
