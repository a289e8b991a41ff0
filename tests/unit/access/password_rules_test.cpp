#include "gateway/access/password_rules.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "gateway/base/text.hpp"

using namespace tributary;

TEST_CASE("requirement 6: passwords are long, and none that people use most", "[access]") {
    const std::map<std::string, std::string> words{{"short", "characters"}, {"common", "common word"},
                                                   {"row", "row of"},       {"repeat", "repeats"},
                                                   {"saying", "a saying"},  {"name", "user's name"}};
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/access/passwords.txt");
    std::size_t cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#') || line.size() < 15) continue;
        ++cases;
        INFO(line);
        const std::string verdict(trim(line.substr(0, 7))), beside(trim(line.substr(7, 8))), password = line.substr(15);
        const auto outcome = access::check_password(password, "anna.berg", beside == "factor");
        CHECK(outcome.has_value() == (verdict == "ok"));
        if (!outcome && verdict != "ok") {
            CHECK(outcome.error().what.contains(words.at(verdict)));
            CHECK_FALSE(outcome.error().text().contains(password));
        }
    }
    CHECK(cases >= 25);
    CHECK(access::check_password(std::string(257, 'x'), "anna", true).error().what.contains("256"));
}
