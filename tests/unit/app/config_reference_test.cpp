#include "gateway/app/config_reference.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "gateway/spec/schema.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

TEST_CASE("the committed schemas and reference are those that the program writes", "[config]") {
    auto files = app::generated_config_files();
    CHECK(files.size() == app::config_file_kinds().size() + 1);
    for (const auto& [name, text] : files) {
        INFO("config/" << name << " differs: run `tributary schema export`");
        std::ifstream stream(std::string(TRIBUTARY_SOURCE_DIR "/config/") + name, std::ios::binary);
        std::string committed(std::istreambuf_iterator<char>(stream), {});
        CHECK((committed == text));
        if (name.ends_with(".json")) CHECK(value::parse_json(text));
    }
}

TEST_CASE("every example and default of every file kind is valid", "[config]") {
    for (const auto& kind : app::config_file_kinds()) {
        INFO(kind.name);
        spec::Problems problems;
        spec::check_examples(kind.shape, problems);
        CHECK(problems.text() == "");
    }
}
