#pragma once

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_access(Engine& engine) {
    using namespace store;
    using access::Role;
    auto store = engine.open();
    const access::User anna{.name = "anna",
                            .roles = {Role::admin, Role::auditor},
                            .password = "$scrypt$...",
                            .totp = std::string("\0sealed", 7),
                            .totp_step = 7,
                            .recovery = {"aa", "bb"},
                            .attempts = {3, at(5)},
                            .created = at(1),
                            .changed = at(2)};
    const access::SessionToken session{"s1", digest(1), "anna", true, at(1), at(2), at(100)};
    const access::ApiToken token{.id = "t1",
                                 .label = "reports",
                                 .hash = digest(2),
                                 .owner = "anna",
                                 .scope = {access::Permission::queue_read},
                                 .addresses = {"10.0.0.0/8", "::1"},
                                 .created = at(1),
                                 .expires = at(200)};
    write(*store, [&](Session& s) -> Result<void> {
        CHECK_OK(s.accounts().put(anna));
        CHECK_OK(s.accounts().put(access::User{.name = "ben", .created = at(1), .changed = at(1)}));
        CHECK_OK(s.accounts().put(session));
        return s.accounts().put(token);
    });

    SECTION("users come back as they were, in order of name") {
        store.reset();
        store = engine.open();
        const auto users = read(*store, [](ReadSession& s) { return s.accounts().users("", 10); });
        REQUIRE(users.size() == 2);
        CHECK(users[0].roles == anna.roles);
        CHECK(users[0].totp == anna.totp);
        CHECK(users[0].totp_next.empty());
        CHECK(users[0].totp_step == 7);
        CHECK(users[0].recovery == anna.recovery);
        CHECK(users[0].attempts == anna.attempts);
        CHECK(users[0].changed == at(2));
        CHECK(read(*store, [](ReadSession& s) { return s.accounts().users("anna", 10); }).size() == 1);
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.accounts().user("carl"); }));
    }
    SECTION("tokens and sessions are found by their id") {
        const auto found = read(*store, [](ReadSession& s) { return s.accounts().token("t1"); });
        REQUIRE(found);
        CHECK(found->hash == digest(2));
        CHECK(found->scope == token.scope);
        CHECK(found->addresses == token.addresses);
        CHECK_FALSE(found->used);
        const auto open = read(*store, [](ReadSession& s) { return s.accounts().session("s1"); });
        REQUIRE(open);
        CHECK(open->second_factor);
        CHECK(open->expires == at(100));
    }
    SECTION("a user who goes takes sessions and tokens along") {
        CHECK(write(*store, [](Session& s) { return s.accounts().remove_user("anna"); }));
        CHECK_FALSE(write(*store, [](Session& s) { return s.accounts().remove_user("anna"); }));
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.accounts().session("s1"); }));
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.accounts().token("t1"); }));
        CHECK(read(*store, [](ReadSession& s) { return s.accounts().user("ben"); }));
    }
    SECTION("sessions end one by one, by user and by time") {
        write(*store, [](Session& s) { return s.accounts().sweep(at(100)); });
        CHECK(read(*store, [](ReadSession& s) { return s.accounts().session("s1"); }));
        write(*store, [](Session& s) { return s.accounts().sweep(at(101)); });
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.accounts().session("s1"); }));
        CHECK(read(*store, [](ReadSession& s) { return s.accounts().token("t1"); }));
        write(*store, [&](Session& s) { return s.accounts().put(session); });
        write(*store, [](Session& s) { return s.accounts().remove_sessions_of("ben"); });
        CHECK(write(*store, [](Session& s) { return s.accounts().remove_session("s1"); }));
        CHECK(write(*store, [](Session& s) { return s.accounts().remove_token("t1"); }));
    }
    SECTION("approvals change their state and are swept") {
        access::Approval one{
            .id = "01", .operation = "x", .arguments = "sealed", .asked_by = "anna", .expires = at(10)};
        write(*store, [&](Session& s) { return s.approvals().put(one); });
        one.state = access::ApprovalState::confirmed;
        one.decided_by = "ben";
        write(*store, [&](Session& s) { return s.approvals().put(one); });
        const auto found = read(*store, [](ReadSession& s) { return s.approvals().find("01"); });
        REQUIRE(found);
        CHECK(found->state == access::ApprovalState::confirmed);
        CHECK(found->decided_by == "ben");
        CHECK(read(*store, [](ReadSession& s) { return s.approvals().list("", 10); }).size() == 1);
        write(*store, [](Session& s) { return s.approvals().sweep(at(11)); });
        CHECK(read(*store, [](ReadSession& s) { return s.approvals().list("", 10); }).empty());
    }
    SECTION("an answer is kept for its key") {
        write(*store, [](Session& s) { return s.idempotency().put({digest(1), digest(2), at(1), 0, ""}); });
        write(*store, [](Session& s) { return s.idempotency().put({digest(1), digest(2), at(1), 200, "sealed"}); });
        const auto found = read(*store, [](ReadSession& s) { return s.idempotency().find(digest(1)); });
        REQUIRE(found);
        CHECK(found->request == digest(2));
        CHECK(found->status == 200);
        CHECK(found->answer == "sealed");
        write(*store, [](Session& s) { return s.idempotency().sweep(at(1)); });
        CHECK(read(*store, [](ReadSession& s) { return s.idempotency().find(digest(1)); }));
        write(*store, [](Session& s) { return s.idempotency().remove(digest(1)); });
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.idempotency().find(digest(1)); }));
    }
}

}  // namespace tributary::contract
