#include "gateway/access/field_sight.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "gateway/access/reading_rules.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::access;

namespace {

std::string case_text(const std::string& name) {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/access/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

Caller caller_named(std::string_view who) {
    constexpr std::string_view kToken = "token ", kWithout = " without a second factor";
    if (who == "local operator") return local_operator();
    if (who.starts_with(kToken))
        return {.kind = Caller::Kind::token,
                .may = PermissionSet::from_text(who.substr(kToken.size())),
                .second_factor = true};
    const bool factor = !who.ends_with(kWithout);
    const auto role = role_named(factor ? who : who.substr(0, who.size() - kWithout.size())).value();
    return {.kind = Caller::Kind::user, .may = permissions_of(role), .second_factor = factor, .roles = {role}};
}

}  // namespace

TEST_CASE("requirement 3: each role sees of each class what the table in tests/cases/access says", "[access]") {
    const auto table = value::parse_json(case_text("sights.json")).value();
    std::size_t roles = 0;
    for (const auto row : table.root()) {
        INFO(row.key());
        const auto sights = sights_of(caller_named(row.key()));
        for (const auto of_class : row) {
            INFO(of_class.key());
            CHECK(record::name_of(sights.of(*record::data_class_named(of_class.key()))) == of_class.text());
        }
        CHECK(row.size() == 4);
        if (role_named(row.key())) ++roles;
    }
    CHECK(roles == all_roles().size());
}

TEST_CASE("requirement 23: E7: personal values are read for what the role behind the permission may name", "[access]") {
    const ReadingRules rules{.roles = {{Role::privacy_officer, {"legal.tax"}}},
                             .users = {"service.support", "service.order"},
                             .tokens = {"service.order"}};
    std::istringstream lines(case_text("reading.txt"));
    std::size_t rows = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#")) continue;
        INFO(line);
        std::istringstream words(line);
        std::string answer, who, permission, purpose;
        words >> answer >> who >> permission >> purpose;
        Caller caller{.kind = Caller::Kind::user};
        if (who == "token") {
            caller.kind = Caller::Kind::token;
        } else if (who == "local") {
            caller = local_operator();
        } else {
            for (const auto role : split(who, ',')) caller.roles.push_back(role_named(role).value());
        }
        CHECK(may_read_for(rules, caller, permission_named(permission).value(), purpose) == (answer == "yes"));
        // What is not narrowed down is open, to whom the permission is.
        const bool holds = !caller.is_user() || std::ranges::any_of(caller.roles, [&](Role role) {
            return permissions_of(role).has(permission_named(permission).value());
        });
        CHECK(may_read_for({}, caller, permission_named(permission).value(), purpose) == holds);
        ++rows;
    }
    CHECK(rows == 11);
}
