// Runs tests/cases/spec/*.case: a YAML text, a line of ===, and the problems that loading it as the sample must give.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/spec/sample.hpp"

using namespace tributary;

namespace {

class Environment final : public spec::Resolver {
  public:
    Result<std::string> resolve(const spec::Reference& reference) const override {
        if (reference.name == "COLOUR") return "red";
        if (reference.name == "TRICKY") return "${secret:a}";
        return fail(Fault::not_found, "the variable is not set");
    }
};

std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("every case of a config text has exactly its problems", "[spec]") {
    std::size_t cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TRIBUTARY_SOURCE_DIR "/tests/cases/spec")) {
        if (entry.path().extension() != ".case") continue;
        ++cases;
        auto text = read(entry.path());
        auto bar = text.find("===\n");
        INFO(entry.path().filename().string());
        REQUIRE(bar != std::string::npos);
        auto expected = text.substr(bar + 4);
        spec::Problems problems;
        Environment environment;
        auto config = spec::load_text<sample::Config>(text.substr(0, bar), "f", problems, &environment);
        CHECK(problems.text() == expected);
        if (problems.ok()) CHECK(config.has_value());
    }
    CHECK(cases >= 20);
}
