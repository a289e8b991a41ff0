#include "gateway/app/config.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/base/text.hpp"
#include "gateway/spec/schema.hpp"
#include "tests/unit/app/folder.hpp"

using namespace tributary;
using namespace tributary::app;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = TRIBUTARY_SOURCE_DIR;

class FakeEnvironment final : public spec::Resolver {
  public:
    Result<std::string> resolve(const spec::Reference& reference) const override {
        if (reference.name == "PASSWORD") return "hunter2";
        if (reference.name == "DSN") return "host=db password=hunter2";
        return fail(Fault::not_found, "the environment variable is not set");
    }
};

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::optional<Config> load_text(std::string_view text, spec::Problems& problems) {
    return spec::load_text<Config>(text, "f", problems, std::make_unique<FakeEnvironment>().get());
}

Config load_text(std::string_view text) {
    spec::Problems problems;
    auto config = load_text(text, problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    return std::move(*config);
}

// The commented example at the end of the shipped file, with its comment signs taken away.
std::string shipped_example() {
    auto text = read(kSource / "config/gateway.yaml");
    auto start = text.find("# ---- example ----\n");
    REQUIRE(start != std::string::npos);
    std::string out = "gateway: { name: acme, public_url: https://hooks.acme.example }\n";
    for (auto line : split(std::string_view(text).substr(start), '\n')) {
        if (line.starts_with("# ----")) continue;
        line.remove_prefix(std::min<std::size_t>(line.size(), 2));
        out += std::string(line) + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("every case of a gateway.yaml has exactly its problems", "[config]") {
    std::size_t cases = 0;
    for (const auto& entry : fs::directory_iterator(kSource / "tests/cases/config")) {
        ++cases;
        auto text = read(entry.path());
        auto bar = text.find("===\n");
        INFO(entry.path().filename().string());
        REQUIRE(bar != std::string::npos);
        spec::Problems problems;
        auto config = load_text(text.substr(0, bar), problems);
        CHECK(problems.text() == text.substr(bar + 4));
        CHECK(config.has_value() == problems.ok());
    }
    CHECK(cases >= 7);
}

TEST_CASE("the shipped gateway.yaml loads as it is, and says the defaults", "[config]") {
    spec::Problems problems;
    auto config = load_config(kSource / "config/gateway.yaml", kSource, Environment(), problems);
    CHECK(problems.text() == "");
    REQUIRE(config);
    CHECK(config->paths.purposes == kSource / "config/purposes.yaml");
    CHECK(config->paths.connectors == std::vector{kSource / "connectors"});
    CHECK(config->paths.canonical == kSource / "mappings/canonical");
    CHECK(std::get<SqliteConfig>(config->store).path == kSource / "data/tributary.db");
    CHECK(config->connections.empty());

    auto plain = load_text("gateway: { name: tributary }");
    CHECK(config->listen.webhooks.address.host == plain.listen.webhooks.address.host);
    CHECK(config->listen.webhooks.address.port == plain.listen.webhooks.address.port);
    CHECK(config->listen.admin.address.port == plain.listen.admin.address.port);
    CHECK(config->limits.body == plain.limits.body);
    CHECK(config->limits.connections == plain.limits.connections);
    CHECK(config->limits.connections_per_address == plain.limits.connections_per_address);
    CHECK(config->limits.waiting_writes == plain.limits.waiting_writes);
    CHECK(config->limits.dead_letters == plain.limits.dead_letters);
    CHECK(config->retention.delivery_ids == plain.retention.delivery_ids);
    CHECK(config->retention.job_history == plain.retention.job_history);
    CHECK(config->retention.unsolved_dead_letters.text() == "30d");
    CHECK(plain.retention.unsolved_dead_letters.text() == "30d");
    CHECK(plain.retention.records.empty());
    CHECK(config->log_level == plain.log_level);
}

TEST_CASE("the commented example of the shipped gateway.yaml arrives field by field", "[config]") {
    auto config = load_text(shipped_example());
    CHECK(config.survivorship.sources == std::vector<std::string>{"erp", "webshop"});
    REQUIRE(config.connections.size() == 2);
    const auto& shop = *config.connection("webshop");
    CHECK(*shop.connector == "shopify");
    CHECK(shop.settings->find("shop")->text() == "acme-eu");
    CHECK(shop.credentials.secret->name == "webshop");
    REQUIRE(shop.streams.size() == 2);
    const auto& customers = shop.streams[0].value;
    CHECK(shop.streams[0].name == "customers");
    REQUIRE(customers.schedule);
    CHECK(customers.schedule->next(Timestamp{}) == Timestamp{std::chrono::minutes(15)});
    const auto& erp = *config.connection("erp");
    CHECK(erp.credentials.fields.at("user").sole()->field == "user");
    CHECK(erp.network.allow.at(0).contains(*net::IpAddress::parse("10.1.2.3")));
    CHECK(erp.trusted_contact_points);
    CHECK(erp.processor);
    REQUIRE(config.deliveries.size() == 1);
    const auto& delivery = *config.delivery("erp-customers");
    CHECK(delivery.retry.steps == run::Backoff{}.steps);
    CHECK(delivery.retry.give_up_after == run::Backoff{}.give_up_after);
    CHECK(**delivery.mapping == "odoo/partner.out");
    CHECK(config.delivery("other") == nullptr);
}

TEST_CASE("the shipped example names every field of connections and deliveries", "[config]") {
    auto text = shipped_example();
    for (const auto& named : spec::named_shapes(describe(spec::Tag<Config>{}).shape())) {
        static const std::set<std::string> kShown{"connection", "webhooks", "stream", "delivery", "retry"};
        if (!kShown.contains(named.shape->name)) continue;
        for (const auto& field : named.shape->fields) {
            INFO(named.shape->name << "." << field.key);
            CHECK(text.contains(field.key + ":"));
        }
    }
}

TEST_CASE("a dsn comes from the environment, or holds no password", "[config]") {
    const auto problem_of = [](const std::string& dsn) {
        spec::Problems problems;
        load_text("gateway: { name: acme }\nstore: { type: postgres, dsn: \"" + dsn + "\" }\n", problems);
        return problems.text();
    };
    CHECK(problem_of("host=db dbname=tributary passfile=/etc/tributary/pgpass").empty());
    CHECK(problem_of("postgresql://tributary@db/tributary?sslmode=verify-full").empty());
    CHECK(problem_of("${secret:pg#dsn}").contains("the vault's secrets lie in the store"));
    CHECK(problem_of("host=db password=hunter2").contains("never written into a file"));
    CHECK(problem_of("postgresql://tributary:hunter2@db/x").contains("never written into a file"));
    CHECK(problem_of("hast=db").contains("the dsn cannot be read"));
    CHECK_FALSE(problem_of("hast=hunter2").contains("hunter2"));
}

TEST_CASE("secrets from the environment reach their fields and no message", "[config]") {
    auto config = load_text("gateway: { name: acme }\nstore: { type: postgres, dsn: \"${env:DSN}\" }\n");
    CHECK(std::get<PostgresConfig>(config.store).dsn.resolve(FakeEnvironment()).value() == "host=db password=hunter2");
    spec::Problems problems;
    load_text(
        "gateway: { name: \"${env:PASSWORD} x\" }\nlogs: { level: \"${env:PASSWORD}\" }\nlimits: { body: "
        "\"${env:PASSWORD}\" }\n",
        problems);
    CHECK(problems.errors() == 3);
    CHECK_FALSE(problems.text().contains("hunter2"));
}

TEST_CASE("folders are looked for beside the file, then in the installation", "[config]") {
    test::Folder folder("config");
    folder.write("etc/gateway.yaml", "gateway: { name: acme }\nidentity: { survivorship: rules.yaml }\n");
    folder.write("etc/rules.yaml", "sources: [erp]\n");
    folder.write("etc/mappings/mine/x.yaml", "");
    folder.write("share/mappings/canonical/contact.yaml", "");
    folder.write("share/connectors/x", "");
    folder.write("share/config/purposes.yaml", "");
    spec::Problems problems;
    auto config = load_config(folder.path / "etc/gateway.yaml", folder.path / "share", Environment(), problems);
    CHECK(problems.text() == "");
    REQUIRE(config);
    CHECK(config->survivorship.sources == std::vector<std::string>{"erp"});
    CHECK(config->paths.mappings == std::vector{folder.path / "etc/mappings", folder.path / "share/mappings"});
    CHECK(config->paths.connectors == std::vector{folder.path / "share/connectors"});
    CHECK(config->paths.canonical == folder.path / "share/mappings/canonical");
    CHECK(config->paths.purposes == folder.path / "share/config/purposes.yaml");
    CHECK(std::get<SqliteConfig>(config->store).path == folder.path / "etc/data/tributary.db");
    CHECK(std::get<MasterFileConfig>(config->vault.master).path == folder.path / "etc/keys/master.key");
}

TEST_CASE("folders that are named and not there are problems", "[config]") {
    test::Folder folder("config");
    folder.write(
        "gateway.yaml",
        "gateway: { name: acme }\npaths: { connectors: a, mappings: [b], purposes: c.yaml, custom_fields: d.yaml }\n");
    spec::Problems problems;
    auto file = (folder.path / "gateway.yaml").string();
    CHECK_FALSE(load_config(file, folder.path / "share", Environment(), problems));
    auto text = problems.text();
    for (const auto* line : {"paths.connectors: ", "paths.mappings: ", "paths.purposes: ", "paths.custom_fields: "}) {
        INFO(text);
        CHECK(text.contains(file + ": " + line));
    }
    CHECK_FALSE(load_config(folder.path / "none.yaml", folder.path, Environment(), problems));
}
