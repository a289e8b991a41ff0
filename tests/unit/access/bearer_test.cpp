#include "gateway/access/bearer.hpp"

#include <catch2/catch.hpp>

#include "gateway/access/accounts.hpp"
#include "gateway/access/approval.hpp"

using namespace tributary;
using namespace tributary::access;

TEST_CASE("requirement 7: a token is 256 random bits, and only its hash is kept", "[access]") {
    crypto::SystemRandom random;
    const auto made = make_bearer(BearerKind::api_token, random);
    CHECK(made.text.starts_with("tri_"));
    CHECK(made.text.size() == 4 + 16 + 1 + 43);
    CHECK(made.bearer.hash == crypto::sha256(made.text));
    CHECK(Bearer::parse(made.text)->id == made.text.substr(4, 16));
    CHECK(make_bearer(BearerKind::session, random).text.starts_with("tris_"));
    CHECK(make_bearer(BearerKind::api_token, random).text != made.text);
    for (std::size_t cut = 0; cut < made.text.size(); ++cut) CHECK_FALSE(Bearer::parse(made.text.substr(0, cut)));
    CHECK_FALSE(Bearer::parse(made.text + "A"));
    CHECK_FALSE(Bearer::parse("tri_" + std::string(16, 'z') + made.text.substr(20)));
}

TEST_CASE("a recovery code is read however it is written", "[access]") {
    crypto::SystemRandom random;
    const auto code = make_recovery_code(random);
    CHECK(code.size() == 19);
    std::string shouted;
    for (const char c : code)
        if (c != '-') shouted += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    CHECK(recovery_hash(shouted) == recovery_hash(code));
    CHECK(recovery_hash(make_recovery_code(random)) != recovery_hash(code));
}

TEST_CASE("requirement 7: no token holds a permission of the admin plane", "[access]") {
    CHECK(check_token_scope({Permission::queue_read, Permission::customer_export}));
    CHECK_FALSE(check_token_scope({}));
    for (auto one : {Permission::user_manage, Permission::token_manage, Permission::approval_decide,
                     Permission::vault_rotate, Permission::account_own, Permission::session_open})
        CHECK(check_token_scope({Permission::queue_read, one}).error().where == name_of(one));
    CHECK(check_user_name("anna.berg@acme"));
    for (auto name : {"", "a", "Anna", "1anna", "anna berg", "anna\n", "-anna"}) CHECK_FALSE(check_user_name(name));
}

TEST_CASE("requirement 28: the second person is another one, has a name, and decides within a day", "[access]") {
    const auto now = Timestamp{std::chrono::hours{1000}};
    Approval approval{.id = "1", .asked_by = "anna", .asked = now, .expires = now + kApprovalLasts};
    const auto fault = [&](const Caller& caller, Milliseconds later = {}) {
        const auto outcome = check_decision(approval, caller, now + later);
        return outcome ? std::string("ok") : std::string(name_of(outcome.error().fault));
    };
    const Caller anna{.kind = Caller::Kind::user, .name = "anna"}, ben{.kind = Caller::Kind::user, .name = "ben"};
    CHECK(fault(ben) == "ok");
    CHECK(fault(anna) == "refused");
    CHECK(fault(local_operator()) == "refused");
    CHECK(fault({.kind = Caller::Kind::token, .name = "7f"}) == "refused");
    CHECK(fault(ben, kApprovalLasts) == "conflict");
    approval.state = ApprovalState::confirmed;
    CHECK(fault(ben) == "conflict");
}
