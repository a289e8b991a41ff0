#include "gateway/app/bound_client.hpp"

#include <catch2/catch.hpp>

#include "gateway/app/credentials.hpp"
#include "gateway/net/watched_client.hpp"
#include "gateway/run/executor.hpp"
#include "tests/unit/vault/fixture.hpp"
#include "tests/unit/vault/memory_stores.hpp"

using namespace tributary;
using namespace tributary::app;

namespace {

struct Echo final : net::HttpClient {
    std::vector<std::string> urls;
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions&) override {
        urls.push_back(std::move(request.url));
        co_return net::HttpResponse{};
    }
};

struct Bound {
    vault::Keys keys;
    vault::MemorySecretStore store;
    vault::Vault safe{store, keys.ring, keys.random, keys.clock};
    Echo echo;

    void keep(const std::string& name, vault::Binding binding) {
        vault::SecretFields fields;
        fields.emplace("token", crypto::SecretBytes("canary"));
        REQUIRE(safe.set(name, std::move(fields), std::move(binding)));
    }
    std::string send(std::set<std::string> secrets, std::string url) {
        BoundClient client(echo, safe, std::move(secrets));
        net::HttpRequest request;
        request.method = "GET";
        request.url = std::move(url);
        net::HttpOptions options;
        options.egress.hosts = {"*"};  // a connector's file that was widened
        auto answer = run::run_blocking(client.send(std::move(request), options));
        if (answer) return "sent";
        CHECK(answer.error().error.fault == Fault::refused);
        CHECK_FALSE(answer.error().ambiguous);
        return answer.error().error.text();
    }
};

}  // namespace

TEST_CASE("req 11: a credential goes to the hosts it is bound to and to no other", "[credentials]") {
    Bound room;
    room.keep("shop", {"", "", {"acme.example.com", "*.api.example"}});
    room.keep("free", {});
    CHECK(room.send({"shop"}, "https://acme.example.com/orders") == "sent");
    CHECK(room.send({"shop"}, "https://eu.api.example/orders") == "sent");
    for (auto url : {"https://attacker.example/", "https://acme.example.com.attacker.example/", "https://api.example/",
                     "https://169.254.169.254/", "https://127.0.0.1/"}) {
        const auto told = room.send({"free", "shop"}, url);
        CHECK(told == "secret shop: the secret may be sent to acme.example.com, *.api.example alone");
        CHECK_FALSE(told.contains("canary"));
    }
    CHECK(room.send({"free"}, "https://elsewhere.example/") == "sent");
    CHECK(room.send({"absent"}, "https://elsewhere.example/") == "sent");
    CHECK(room.echo.urls.size() == 4);
    // A binding that was edited in the store opens nothing, so nothing goes out.
    room.store.rows.at("shop").binding.allowed_hosts = {"attacker.example"};
    room.safe.forget("shop");
    CHECK(room.send({"shop"}, "https://attacker.example/").contains("does not open"));
    CHECK(room.echo.urls.size() == 4);
}

TEST_CASE("a request that the binding of a secret stops is told of, like one that the address guard stops",
          "[credentials]") {
    Bound room;
    room.keep("shop", {"", "", {"acme.example.com"}});
    std::vector<std::string> told;
    BoundClient bound(room.echo, room.safe, {"shop"});
    net::WatchedClient watched(bound, [&](const std::string& host) { told.push_back(host); });
    net::HttpOptions options;
    options.egress.hosts = {"*"};
    for (auto url : {"https://acme.example.com/", "https://attacker.example/path?x=1"}) {
        net::HttpRequest request;
        request.url = url;
        std::ignore = run::run_blocking(watched.send(std::move(request), options));
    }
    CHECK(told == std::vector<std::string>{"attacker.example"});
    CHECK(room.echo.urls.size() == 1);
}

TEST_CASE("req 11: a credential is read by its own connection and connector alone", "[credentials]") {
    Bound room;
    room.keep("shop", {"webshop", "shopify", {}});
    ConnectionConfig connection;
    connection.credentials.secret = spec::Reference{spec::Reference::Scheme::secret, "shop", "", ""};
    const auto read = [&](const std::string& name, const std::string& connector) {
        connection.name = name;
        connection.connector.value = connector;
        return credential_reader(connection, room.safe)("token");
    };
    CHECK(read("webshop", "shopify").value().reveal() == "canary");
    CHECK(read("thief", "shopify").error().text().contains("belongs to connection webshop"));
    CHECK(read("webshop", "http").error().text().contains("is for the connector shopify"));
    ConnectionConfig by_field;
    by_field.name = "thief";
    by_field.connector.value = "shopify";
    by_field.credentials.fields.emplace("token", spec::Template::parse("${secret:shop#token}").value());
    CHECK(credential_reader(by_field, room.safe)("token").error().fault == Fault::refused);
    by_field.name = "webshop";
    CHECK(credential_reader(by_field, room.safe)("token").value().reveal() == "canary");
}

TEST_CASE("a host pattern is a name, a wildcard or an address", "[credentials]") {
    for (auto good : {"a.example", "*.a.example", "localhost", "192.0.2.1", "2001:db8::1", "_dmarc.a.example"})
        CHECK(is_host_pattern(good));
    for (auto bad : {"", "*", "*.", "https://a.example", "a.example/", "a.example:443", "a b", "a@b"})
        CHECK_FALSE(is_host_pattern(bad));
}
