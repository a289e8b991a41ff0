#include "connectors/built_in.hpp"

#include <catch2/catch.hpp>

#include "gateway/spec/load.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;

TEST_CASE("every built-in connector has its file and is built from settings that the file allows", "[connectors]") {
    connector::Registry registry;
    connectors::add_built_in(registry);
    for (const auto& [name, settings] : std::vector<std::pair<std::string, std::string>>{
             {"data/file", R"({"streams":{"s":{"path":"x.csv","key":"id"}}})"},
             {"data/sql", R"({"path":"x.db","streams":{"s":{"table":"t","key":"id"}}})"},
             {"email/imap", R"({"host":"mail.example.com","streams":{"inbox":{"folder":"INBOX"}}})"},
             {"email/smtp",
              R"({"host":"mail.example.com","from":"a@example.com","actions":{"a":{"subject":"s","text":"t"}}})"}}) {
        INFO(name);
        spec::Problems problems;
        registry.load_file(std::string(TRIBUTARY_SOURCE_DIR "/connectors/") + name + "/connector.yaml", problems);
        if (!problems.ok()) FAIL(problems.error().text());
        test::World world;
        const auto built = registry.build(name.substr(name.find('/') + 1), world.setup(settings));
        if (!built) FAIL(built.error().text());
    }
}
