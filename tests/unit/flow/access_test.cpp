#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "gateway/access/totp.hpp"
#include "gateway/crypto/password.hpp"
#include "gateway/flow/accounts_desk.hpp"
#include "gateway/flow/approval_desk.hpp"
#include "gateway/flow/bearer_check.hpp"
#include "gateway/flow/repeated_writes.hpp"
#include "gateway/flow/sealed_note.hpp"
#include "gateway/flow/sign_in.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using access::Permission;
using access::Role;

namespace {

constexpr const char* kPassword = "river pebble moss lantern";

// A house with a user anna; her password is checked for real only where a test says so.
class House : public WorldFixture {
  public:
    access::Caller local = access::local_operator();
    std::size_t scrypts = 0;
    SessionRules rules{.longest = std::chrono::hours{2}};
    SignIn sign_in{*store, *ring, random, clock, rules, [this](std::string_view password, std::string_view stored) {
                       ++scrypts;
                       return password == kPassword && !stored.contains("AAAAAAAAAAAAAAAA");
                   }};
    BearerCheck bearers{*store, clock, rules};
    AccountsDesk desk{*store, *ring, random, clock, "acme"};

    House() { put({.name = "anna", .roles = {Role::admin}, .password = "$stored"}); }
    void put(const access::User& user) {
        REQUIRE(store->write([&](store::Session& session) { return session.accounts().put(user); }).has_value());
    }
    access::User user(const std::string& name) {
        std::optional<access::User> found;
        REQUIRE(store
                    ->read([&](store::ReadSession& session) -> Result<void> {
                        TRY(found, session.accounts().user(name));
                        return {};
                    })
                    .has_value());
        return *found;
    }
    std::string open(const std::string& code = "") { return sign_in.open({"anna", kPassword, code}).value().token; }
    Fault wrong(const std::string& name, const std::string& password, const std::string& code = "") {
        return sign_in.open({name, password, code}).error().fault;
    }
    // Of anna, confirmed; gives its secret and the recovery codes.
    std::pair<std::string, std::vector<std::string>> factor() {
        REQUIRE(desk.begin_factor(local, "anna").has_value());
        const auto secret = open_note(*ring, {"user", "anna", "totp next"}, user("anna").totp_next).value();
        auto codes = desk.confirm_factor(local, "anna", code(secret)).value();
        clock.advance(std::chrono::seconds{60});
        return {secret, std::move(codes)};
    }
    std::string code(const std::string& secret) { return access::totp_code(secret, access::totp_step(clock.now())); }
    std::vector<std::string> acts() {
        std::vector<std::string> all;
        REQUIRE(store
                    ->read([&](store::ReadSession& session) -> Result<void> {
                        TRY(const auto entries, session.audit().read(0, 1000));
                        for (const auto& entry : entries) {
                            const auto document = value::parse_json(entry.bytes).value();
                            all.emplace_back(document.root().find("action").text());
                        }
                        return {};
                    })
                    .has_value());
        return all;
    }
};

}  // namespace

TEST_CASE("requirement 6: each try costs one scrypt, whoever asks", "[access]") {
    House house;
    CHECK(house.wrong("nobody", kPassword) == Fault::unauthorized);
    CHECK(house.scrypts == 1);
    CHECK(house.wrong("anna", "wrong") == Fault::unauthorized);
    CHECK(house.scrypts == 2);
    house.open();
    CHECK(house.scrypts == 3);
    for (int i = 0; i < 6; ++i) house.wrong("anna", "wrong");
    CHECK(house.scrypts == 9);
    CHECK(house.wrong("anna", kPassword) == Fault::unauthorized);
    CHECK(house.scrypts == 10);
    auto user = house.user("anna");
    user.password.clear();
    house.put(user);
    house.wrong("anna", "");
    CHECK(house.scrypts == 11);
    const auto none = house.sign_in.open({"nobody", "x", ""}).error(),
               bad = house.sign_in.open({"anna", "x", ""}).error();
    CHECK(none.text() == bad.text());
    // The decoy costs what a real hash costs, and no password opens it.
    CHECK_FALSE(crypto::password_matches("",
                                         "$scrypt$ln=17,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

TEST_CASE("requirement 5: a locked user waits, and a right password does not help", "[access]") {
    House house;
    for (int i = 0; i < 5; ++i) house.wrong("anna", "wrong");
    CHECK(house.wrong("anna", kPassword) == Fault::unauthorized);
    house.clock.advance(access::kWrongWindow);
    house.open();
    const auto acts = house.acts();
    CHECK(std::ranges::count(acts, "session.refuse") == 6);
    CHECK(std::ranges::count(acts, "session.open") == 1);
}

TEST_CASE("requirement 5: a second factor is needed once it is there, and each code opens one session", "[access]") {
    House house;
    const auto [secret, recovery] = house.factor();
    CHECK(house.wrong("anna", kPassword) == Fault::unauthorized);
    const auto code = house.code(secret);
    CHECK(house.bearers.caller(house.open(code), "127.0.0.1").value().second_factor);
    CHECK(house.wrong("anna", kPassword, code) == Fault::unauthorized);
    house.clock.advance(std::chrono::seconds{30});
    house.open(house.code(secret));
    REQUIRE(recovery.size() == 10);
    house.open(recovery[3]);
    CHECK(house.wrong("anna", kPassword, recovery[3]) == Fault::unauthorized);
    CHECK(house.user("anna").recovery.size() == 9);
    for (const auto& kept : house.user("anna").recovery) CHECK_FALSE(recovery[0].contains(kept));
    CHECK_FALSE(house.user("anna").totp.contains(secret));
}

TEST_CASE("requirement 4: a change of roles, password or factor ends sessions at once", "[access]") {
    House house;
    const auto works = [&](const std::string& token) { return house.bearers.caller(token, "127.0.0.1").has_value(); };
    auto token = house.open();
    CHECK(house.bearers.caller(token, "").value().may == access::permissions_of(Role::admin));
    REQUIRE(house.desk.set_roles(house.local, "anna", {Role::analyst}).has_value());
    CHECK_FALSE(works(token));
    token = house.open();
    REQUIRE(house.desk.set_password(house.local, "anna", kPassword).has_value());
    CHECK_FALSE(works(token));
    auto user = house.user("anna");
    user.password = "$stored";
    house.put(user);
    token = house.open();
    const auto [secret, recovery] = house.factor();
    CHECK_FALSE(works(token));
    token = house.open(house.code(secret));
    CHECK(works(token));
    REQUIRE(house.desk.close_session(house.bearers.caller(token, "").value()).has_value());
    CHECK_FALSE(works(token));
    house.clock.advance(std::chrono::seconds{30});
    token = house.open(house.code(secret));
    REQUIRE(house.desk.remove_factor(house.local, "anna").has_value());
    CHECK_FALSE(works(token));
    CHECK(house.user("anna").password.empty());
}

TEST_CASE("a session ends when it is idle, and after its longest time", "[access]") {
    House house;
    const auto works = [&](const std::string& token) { return house.bearers.caller(token, "").has_value(); };
    auto token = house.open();
    house.clock.advance(house.rules.idle);
    CHECK_FALSE(works(token));
    token = house.open();
    for (Milliseconds gone{}; gone < house.rules.longest; gone += std::chrono::minutes{20}) {
        CHECK(works(token));
        house.clock.advance(std::chrono::minutes{20});
        // What was seen is written behind the answer.
        REQUIRE(house.store->write([](store::Session&) -> Result<void> { return {}; }).has_value());
    }
    CHECK_FALSE(works(token));
}

TEST_CASE("requirement 7: a token is bound to scope, owner, time and addresses", "[access]") {
    House house;
    const access::Caller anna{
        .kind = access::Caller::Kind::user, .name = "anna", .may = access::permissions_of(Role::admin)};
    CHECK(house.desk.add_token(anna, {"x", {Permission::user_manage}, std::chrono::days{1}, {}}).error().fault ==
          Fault::bad_input);
    CHECK(house.desk.add_token(anna, {"x", {Permission::personal_read}, std::chrono::days{1}, {}}).error().fault ==
          Fault::refused);
    CHECK(house.desk.add_token(anna, {"x", {Permission::queue_read}, std::chrono::days{366}, {}}).error().where ==
          "days");
    CHECK_FALSE(house.desk.add_token(anna, {"x", {Permission::queue_read}, std::chrono::days{1}, {"10.0.0.1/8"}}));
    const auto made =
        house.desk
            .add_token(anna,
                       {"x", {Permission::queue_read, Permission::secret_write}, std::chrono::days{2}, {"10.0.0.0/8"}})
            .value();
    CHECK(house.bearers.caller(made.text, "10.1.2.3").value().may ==
          access::PermissionSet{Permission::queue_read, Permission::secret_write});
    CHECK_FALSE(house.bearers.caller(made.text, "11.1.2.3"));
    CHECK_FALSE(house.bearers.caller(made.text.substr(0, made.text.size() - 1) + (made.text.back() == 'A' ? "B" : "A"),
                                     "10.1.2.3"));
    REQUIRE(house.desk.set_roles(house.local, "anna", {Role::operations}).has_value());
    CHECK(house.bearers.caller(made.text, "10.1.2.3").value().may == access::PermissionSet{Permission::queue_read});
    house.clock.advance(std::chrono::days{2});
    CHECK_FALSE(house.bearers.caller(made.text, "10.1.2.3"));
    const auto more =
        house.desk.add_token(house.local, {"x", {Permission::queue_read}, std::chrono::days{2}, {}}).value();
    CHECK(house.bearers.caller(more.text, ""));
    REQUIRE(house.desk.revoke_token(house.local, more.id).has_value());
    CHECK_FALSE(house.bearers.caller(more.text, ""));
}

TEST_CASE("requirement 28: what takes two persons is confirmed by another, once", "[access]") {
    House house;
    ApprovalDesk approvals(*house.store, *house.ring, house.random, house.clock);
    const access::Caller anna{.kind = access::Caller::Kind::user, .name = "anna"},
        ben{.kind = access::Caller::Kind::user, .name = "ben"};
    const auto one = approvals.ask(anna, "customer.erase", R"({"all":true})").value();
    CHECK_FALSE(one.arguments.contains("all"));
    CHECK(approvals.confirm(anna, one.id).error().fault == Fault::refused);
    const auto act = approvals.confirm(ben, one.id).value();
    CHECK(act.arguments == R"({"all":true})");
    CHECK(act.approval.asked_by == "anna");
    CHECK(approvals.confirm(ben, one.id).error().fault == Fault::conflict);
    const auto other = approvals.ask(anna, "customer.erase", "{}").value();
    REQUIRE(approvals.refuse(ben, other.id).has_value());
    CHECK(approvals.confirm(ben, other.id).error().fault == Fault::conflict);
    const auto late = approvals.ask(anna, "customer.erase", "{}").value();
    house.clock.advance(access::kApprovalLasts);
    CHECK(approvals.confirm(ben, late.id).error().fault == Fault::conflict);
    CHECK(approvals.confirm(ben, "0").error().fault == Fault::not_found);
    CHECK(house.acts() == std::vector<std::string>{"approval.ask", "approval.confirm", "approval.ask",
                                                   "approval.refuse", "approval.ask"});
}

TEST_CASE("requirement 27: a write with a key is done once", "[access]") {
    House house;
    RepeatedWrites writes(*house.store, *house.ring, house.random, house.clock);
    const auto key = RepeatedWrites::key_of("anna", "k1"), request = crypto::sha256("a"), other = crypto::sha256("b");
    CHECK(key != RepeatedWrites::key_of("annak", "1"));
    CHECK_FALSE(writes.begin(key, request).value());
    REQUIRE(house.store
                ->read([&](store::ReadSession& session) -> Result<void> {
                    TRY(const auto kept, session.idempotency().find(key));
                    CHECK(kept.value().request != request);  // what was asked cannot be guessed from the store
                    return {};
                })
                .has_value());
    CHECK(writes.begin(key, request).error().fault == Fault::conflict);
    REQUIRE(writes.finish(key, request, {201, "done"}).has_value());
    CHECK(writes.begin(key, request).value()->body == "done");
    CHECK(writes.begin(key, request).value()->status == 201);
    CHECK(writes.begin(key, other).error().fault == Fault::bad_input);
    house.clock.advance(kAnswersKept);
    CHECK_FALSE(writes.begin(key, other).value());
    REQUIRE(writes.forget(key).has_value());
    CHECK_FALSE(writes.begin(key, request).value());
}

TEST_CASE("many who knock at once take no more than five threads", "[access]") {
    House house;
    std::atomic<int> refused = 0, checked = 0;
    std::promise<void> go;
    const auto gate = go.get_future().share();
    SignIn slow{
        *house.store, *house.ring, house.random, house.clock, house.rules, [&](std::string_view, std::string_view) {
            gate.wait();
            ++checked;
            return false;
        }};
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back([&] {
            if (slow.open({"anna", "x", ""}).error().fault == Fault::rate_limited && ++refused == 7) go.set_value();
        });
    for (auto& thread : threads) thread.join();
    CHECK(refused == 7);
    CHECK(checked == 5);
}
