#include "gateway/app/routes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/access/role.hpp"
#include "gateway/app/operations.hpp"

using namespace tributary;

TEST_CASE("requirement 1: the table that is served is wholly declared", "[access]") {
    const auto routes = app::admin_routes();
    const auto operations = app::operation_infos();
    const auto outcome = api::check_routes(routes, operations);
    CHECK((outcome ? "" : outcome.error().text()) == "");
    std::set<std::string_view> reached;
    for (const auto& route : routes)
        if (route.guard == api::Guard::operation) reached.insert(route.operation);
    for (const auto& operation : operations) {
        INFO(operation.name << " has no route of its own");
        CHECK(reached.contains(operation.name));
    }
}

TEST_CASE("requirement 1: each role may do exactly what its permissions name, of every operation", "[access]") {
    std::size_t pairs = 0;
    for (auto role : access::all_roles()) {
        const access::Caller caller{.kind = access::Caller::Kind::user,
                                    .name = "x",
                                    .may = access::permissions_of(role),
                                    .second_factor = true};
        for (const auto& operation : app::all_operations()) {
            INFO(access::name_of(role) << " " << operation.name);
            const auto outcome = access::check_permission(caller, operation.permission);
            CHECK(outcome.has_value() == access::permissions_of(role).has(operation.permission));
            if (!outcome) CHECK(outcome.error().fault == Fault::refused);
            ++pairs;
        }
    }
    CHECK(pairs >= 250);
    // Nothing but logging in is open to those without a name.
    const auto open = std::ranges::count_if(app::all_operations(), [](const auto& operation) {
        return access::check_permission(access::nobody(), operation.permission).has_value();
    });
    CHECK(open == 1);
}

TEST_CASE("lists that go on say so: what takes `after` takes `limit` and gives `next`", "[access]") {
    for (const auto& operation : app::operation_infos()) {
        if (!operation.takes_field("after")) continue;
        INFO(operation.name);
        CHECK(operation.takes_field("limit"));
        CHECK(std::ranges::any_of(operation.gives, [](const auto& field) { return field.name == "next"; }));
    }
}

namespace {

// Lists of which nothing is known, by name.
std::string unknown_lists(const api::Fields& fields) {
    std::string found;
    for (const auto& field : fields) {
        if (field.kind == api::FieldKind::list &&
            (field.inside.size() != 1 || field.inside.front().kind == api::FieldKind::anything ||
             (field.inside.front().kind == api::FieldKind::object && field.inside.front().inside.empty())))
            found.append(" ").append(field.name);
        found += unknown_lists(field.inside);
    }
    return found;
}

}  // namespace

TEST_CASE("each list that an operation takes or gives says what it holds", "[access]") {
    for (const auto& operation : app::operation_infos()) {
        INFO(operation.name);
        CHECK(unknown_lists(operation.takes) == "");
        CHECK(unknown_lists(operation.gives) == "");
    }
}

TEST_CASE("requirement 30: the committed OpenAPI and route list are those that the program writes", "[access]") {
    for (const auto& [name, text] : app::generated_api_files()) {
        INFO("docs/" << name << " differs: run `tributary schema openapi docs`");
        std::ifstream stream(std::string(TRIBUTARY_SOURCE_DIR "/docs/") + name, std::ios::binary);
        const std::string committed(std::istreambuf_iterator<char>(stream), {});
        CHECK((committed == text));
    }
}
