#include "gateway/access/permission.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/access/caller.hpp"
#include "gateway/access/role.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::access;

TEST_CASE("requirement 1: each role has exactly the permissions of the table in tests/cases/access", "[access]") {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/access/roles.json");
    const auto table = value::parse_json(std::string(std::istreambuf_iterator<char>(file), {})).value();
    std::set<std::string> everybody;
    for (auto one : table.root().find("everybody")) everybody.emplace(one.text());
    CHECK(table.root().size() == all_roles().size() + 1);
    for (auto role : all_roles()) {
        INFO(name_of(role));
        auto wanted = everybody;
        for (auto one : table.root().find(name_of(role))) wanted.emplace(one.text());
        std::set<std::string> given;
        for (const auto& one : all_permissions())
            if (permissions_of(role).has(one.permission)) given.emplace(one.name);
        CHECK(given == wanted);
    }
}

TEST_CASE("permissions and roles are read by their names", "[access]") {
    for (const auto& one : all_permissions()) CHECK(permission_named(one.name).value() == one.permission);
    CHECK(permission_named("queue.chnge").error().what.contains("queue.change"));
    for (auto role : all_roles()) CHECK(role_named(name_of(role)).value() == role);
    CHECK(role_named("root").error().what.contains("privacy_officer"));
    const PermissionSet two{Permission::queue_read, Permission::sync_run};
    CHECK(two.text() == "queue.read sync.run");
    CHECK(PermissionSet::from_text("queue.read of.the.future sync.run") == two);
    CHECK(PermissionSet::from_text("") == PermissionSet{});
    CHECK(roles_from_text("admin unknown operator") == std::vector{Role::admin, Role::operations});
    CHECK(PermissionSet::everything().holds(two));
    CHECK_FALSE(two.holds(PermissionSet::everything()));
}

TEST_CASE("a caller does what they may, and the delicate things with a second factor alone", "[access]") {
    CHECK(check_permission(nobody(), Permission::session_open));
    CHECK(check_permission(nobody(), Permission::status_read).error().fault == Fault::unauthorized);
    CHECK(check_permission(local_operator(), Permission::user_manage));
    CHECK(check_permission(local_operator(), Permission::approval_decide).error().fault == Fault::refused);
    Caller user{.kind = Caller::Kind::user, .name = "anna", .may = permissions_of(Role::admin)};
    CHECK(check_permission(user, Permission::queue_change));
    CHECK(check_permission(user, Permission::personal_read).error().fault == Fault::refused);
    CHECK(check_permission(user, Permission::secret_write).error().what.contains("second factor"));
    user.second_factor = true;
    CHECK(check_permission(user, Permission::secret_write));
    CHECK(user.actor() == "anna");
    CHECK(Caller{.kind = Caller::Kind::token, .name = "7f"}.actor_type() == "service");
    CHECK(local_operator().actor() == "local operator");
}
