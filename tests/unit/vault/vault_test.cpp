#include "gateway/vault/vault.hpp"

#include "gateway/vault/blind_index.hpp"
#include "tests/unit/vault/fixture.hpp"
#include "tests/unit/vault/memory_stores.hpp"

using namespace tributary;
using namespace tributary::vault;

namespace {

constexpr std::string_view kCanary = "canary-7f3a91-secret";

struct SecretRoom : Keys {
    MemorySecretStore store;
    Vault vault{store, ring, random, clock};
};

SecretFields fields(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
    SecretFields made;
    for (auto [name, value] : list) made.emplace(name, crypto::SecretBytes(value));
    return made;
}

}  // namespace

TEST_CASE("a secret comes back by name and field", "[vault]") {
    SecretRoom room;
    CHECK(room.vault.set("webshop", fields({{"access_token", kCanary}, {"webhook_secret", "s"}})).value() == 1);
    CHECK(room.vault.get("webshop", "access_token").value().reveal() == kCanary);
    CHECK(room.vault.resolve("webshop#webhook_secret").value().reveal() == "s");
    room.clock.advance(std::chrono::hours{1});
    CHECK(room.vault.update("webshop", fields({{"webhook_secret", "t"}, {"more", ""}})).value() == 2);
    auto secret = room.vault.open("webshop").value();
    CHECK(secret.version == 2);
    CHECK(secret.fields.at("access_token").reveal() == kCanary);
    CHECK(secret.fields.at("webhook_secret").reveal() == "t");
    CHECK(secret.fields.at("more").empty());
    CHECK(room.vault.set("webshop", fields({{"only", "x"}})).value() == 3);
    CHECK(room.vault.resolve("webshop").value().reveal() == "x");
    CHECK(room.vault.remove("webshop"));
    CHECK(room.vault.open("webshop").error().fault == Fault::not_found);
}

TEST_CASE("a listing names what there is and shows no value", "[vault]") {
    SecretRoom room;
    room.vault.set("b", fields({{"token", kCanary}}), {"acme", "shopify", {"acme.myshopify.com"}}).value();
    auto made = room.clock.now();
    room.clock.advance(std::chrono::minutes{5});
    room.vault.set("b", fields({{"token", kCanary}, {"extra", "x"}}), {"acme", "shopify", {"acme.myshopify.com"}})
        .value();
    room.vault.set("a/prod", fields({{"password", "p"}})).value();
    auto list = room.vault.list().value();
    REQUIRE(list.size() == 2);
    CHECK(list[0].name == "a/prod");
    CHECK(list[1].fields == std::vector<std::string>{"extra", "token"});
    CHECK(list[1].version == 2);
    CHECK(list[1].created == made);
    CHECK(list[1].updated == room.clock.now());
    CHECK(list[1].binding.allowed_hosts == std::vector<std::string>{"acme.myshopify.com"});
}

TEST_CASE("a row that was edited, swapped or rolled back does not open", "[vault]") {
    SecretRoom room;
    Binding binding{"acme", "shopify", {"acme.myshopify.com"}};
    room.vault.set("one", fields({{"token", kCanary}}), binding).value();
    auto first = room.store.rows.at("one");
    room.vault.set("one", fields({{"token", "second"}}), binding).value();
    room.vault.set("two", fields({{"token", "other"}}), binding).value();
    auto good = room.store.rows.at("one");
    auto refused = [&](auto change) {
        auto row = good;
        change(row);
        room.store.rows["one"] = row;
        auto opened = Vault(room.store, room.ring, room.random, room.clock).open("one");
        room.store.rows["one"] = good;
        if (opened) return false;
        CHECK_FALSE(opened.error().text().contains(kCanary));
        return opened.error().fault == Fault::refused;
    };
    CHECK(refused([](auto& row) { row.binding.allowed_hosts = {"evil.example"}; }));
    CHECK(refused([](auto& row) { row.binding.allowed_hosts.clear(); }));
    CHECK(refused([](auto& row) { row.binding.owner = "mallory"; }));
    CHECK(refused([](auto& row) { row.binding.connector = "webhook"; }));
    CHECK(refused([](auto& row) { row.fields = {"password"}; }));
    CHECK(refused([](auto& row) { row.version = 7; }));
    CHECK(refused([&](auto& row) { row.sealed = first.sealed, row.wrapped_key = first.wrapped_key; }));
    auto two = room.store.rows.at("two");
    CHECK(refused([&](auto& row) { row.sealed = two.sealed, row.wrapped_key = two.wrapped_key; }));
    auto swapped = good;
    swapped.sealed = first.sealed;
    room.store.rows["one"] = swapped;
    CHECK_FALSE(Vault(room.store, room.ring, room.random, room.clock).open("one"));
    room.store.rows["one"] = good;
    CHECK(room.vault.get("one", "token").value().reveal() == "second");
}

TEST_CASE("a secret sealed under another ring says so", "[vault]") {
    SecretRoom room, stranger;
    room.vault.set("one", fields({{"token", kCanary}})).value();
    stranger.store.rows = room.store.rows;
    auto opened = stranger.vault.open("one");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text() == "secret one: it was sealed with a key that is not in the key ring");
}

TEST_CASE("no error text holds a secret, and each says what there is", "[vault]") {
    SecretRoom room;
    room.vault.set("shop", fields({{"token", kCanary}, {"second", kCanary}})).value();
    CHECK(room.vault.get("shop", "tokn").error().text() ==
          "secret shop: it has no field tokn; its fields: second, token");
    CHECK(room.vault.get("shp", "token").error().text() == "secret shp: there is no secret of this name; known: shop");
    CHECK(room.vault.resolve("shop").error().fault == Fault::bad_config);
    for (auto name : {"", "with space", "a#b", "\x01"}) {
        CHECK(room.vault.set(name, fields({{"f", kCanary}})).error().fault == Fault::bad_input);
        CHECK(room.vault.set("shop", fields({{name, kCanary}})).error().fault == Fault::bad_input);
    }
    CHECK(room.vault.set("shop", {}).error().fault == Fault::bad_input);
    auto huge = room.vault.set("shop", fields({{"f", std::string(300 << 10, 'x')}}));
    CHECK(huge.error().text() == "secret shop: a secret is at most 256 KB");
    // Nothing of a value lies in the rows.
    for (const auto& [name, row] : room.store.rows) {
        CHECK_FALSE(row.sealed.contains("canary"));
        CHECK_FALSE(row.wrapped_key.contains("canary"));
    }
}

TEST_CASE("of two writers of one secret the slower is told", "[vault]") {
    SecretRoom room;
    struct Racing final : SecretStore {
        MemorySecretStore& inner;
        Vault* other = nullptr;
        explicit Racing(MemorySecretStore& store) : inner(store) {}
        Result<void> put_secret(const SealedSecret& secret) override {
            if (auto* racer = std::exchange(other, nullptr)) racer->set(secret.name, fields({{"f", "first"}})).value();
            return inner.put_secret(secret);
        }
        Result<std::optional<SealedSecret>> find_secret(std::string_view name) override {
            return inner.find_secret(name);
        }
        Result<std::vector<SealedSecret>> list_secrets() override { return inner.list_secrets(); }
        Result<void> remove_secret(std::string_view name) override { return inner.remove_secret(name); }
    } racing(room.store);
    racing.other = &room.vault;
    Vault vault(racing, room.ring, room.random, room.clock);
    CHECK(vault.set("shop", fields({{"f", "second"}})).error().fault == Fault::conflict);
    CHECK(room.vault.get("shop", "f").value().reveal() == "first");
}

TEST_CASE("blind hashes are stable, typed and keyed", "[vault]") {
    Keys keys, others;
    BlindIndex index(keys.ring), same(keys.ring), other(others.ring);
    CHECK(index.of("email", "a@example.org") == same.of("email", "a@example.org"));
    CHECK(index.of("email", "a@example.org") != index.of("phone", "a@example.org"));
    CHECK(index.of("ema", "ila@example.org") != index.of("email", "a@example.org"));
    CHECK(index.of("email", "a@example.org") != other.of("email", "a@example.org"));
    CHECK(index.subject_of("shop", "contact", "1") == same.subject_of("shop", "contact", "1"));
    CHECK(index.subject_of("shop", "contact", "1") != index.subject_of("shop", "contac", "t1"));
    CHECK(index.subject_of("shop", "contact", "1") != index.subject_of("shop", "contact", "2"));
    CHECK(index.subject_of("shop", "contact", "1") != other.subject_of("shop", "contact", "1"));
}

TEST_CASE("a secret is read once a minute, and a change counts at once", "[vault]") {
    SecretRoom room;
    room.vault.set("shop", fields({{"f", "first"}})).value();
    room.store.reads = 0;
    for (int i = 0; i < 5; ++i) CHECK(room.vault.get("shop", "f").value().reveal() == "first");
    CHECK(room.store.reads == 1);
    Vault elsewhere(room.store, room.ring, room.random, room.clock);
    elsewhere.set("shop", fields({{"f", "second"}})).value();
    room.clock.advance(std::chrono::seconds{59});
    CHECK(room.vault.get("shop", "f").value().reveal() == "first");
    room.clock.advance(std::chrono::seconds{1});
    CHECK(room.vault.get("shop", "f").value().reveal() == "second");
    room.vault.set("shop", fields({{"f", "third"}})).value();
    CHECK(room.vault.get("shop", "f").value().reveal() == "third");
    CHECK(room.vault.remove("shop"));
    CHECK(room.vault.get("shop", "f").error().fault == Fault::not_found);
}

TEST_CASE("who refreshes uses secrets without the store, and hears of changes elsewhere", "[vault]") {
    SecretRoom room;
    Vault elsewhere(room.store, room.ring, room.random, room.clock);
    room.vault.set("shop", fields({{"f", "first"}})).value();
    CHECK(room.vault.get("shop", "f").value().reveal() == "first");
    const auto wait = [&](int seconds) {
        for (int i = 0; i < seconds; i += 5) {
            room.clock.advance(std::chrono::seconds{5});
            room.vault.refresh();
        }
    };
    wait(300);
    room.store.reads = 0;
    CHECK(room.vault.get("shop", "f").value().reveal() == "first");
    CHECK(room.store.reads == 0);
    SECTION("a change") {
        elsewhere.set("shop", fields({{"f", "second"}})).value();
        wait(20);
        CHECK(room.vault.get("shop", "f").value().reveal() == "second");
    }
    SECTION("removed, and made anew as its first version") {
        elsewhere.remove("shop").value();
        elsewhere.set("shop", fields({{"f", "another"}})).value();
        wait(20);
        CHECK(room.vault.get("shop", "f").value().reveal() == "another");
    }
    SECTION("removed") {
        elsewhere.remove("shop").value();
        wait(20);
        CHECK(room.vault.get("shop", "f").error().fault == Fault::not_found);
    }
    SECTION("the refresh that is under way gets no answer, and none follows it") {
        room.store.away = true;
        room.clock.advance(std::chrono::minutes{10});
        room.store.reads = 0;
        CHECK(room.vault.get("shop", "f").value().reveal() == "first");
        CHECK(room.store.reads == 0);
    }
    SECTION("the store does not answer for a long time") {
        room.store.away = true;
        wait(600);
        room.store.reads = 0;
        CHECK(room.vault.get("shop", "f").value().reveal() == "first");
        CHECK(room.store.reads == 0);
        room.store.away = false;
        elsewhere.set("shop", fields({{"f", "second"}})).value();
        wait(20);
        CHECK(room.vault.get("shop", "f").value().reveal() == "second");
    }
}
