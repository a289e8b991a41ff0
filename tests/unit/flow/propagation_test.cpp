#include <catch2/catch.hpp>

#include "tests/unit/flow/consent_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;
using store::TaskState;

namespace {

connector::Capabilities newsletter() {
    connector::Capabilities can;
    can.unsubscribe = connector::Capability{
        .action = "leave", .record = {{"address", connector::PersonFact::email}}, .channel = "email"};
    return can;
}

// Who agreed and whose record went out.
struct Told : ConsentFixture {
    Told() {
        deliver("crm", "marketing.email").channel = consent::Channel::email;
        say("1", "given");
        round("crm");
        REQUIRE(crm().pushed.size() == 1);
    }
    ScriptedConnector& crm() { return *connectors["crm"]; }
};

connector::Sink::Outcome broken(Fault fault) {
    return {fail(fault, "scripted failure"), false};
}

}  // namespace

TEST_CASE("a withdrawal is told to every destination that was told something for its purpose", "[propagation]") {
    Told f;
    f.deliver("erp", "service.order");
    f.say("1", "");
    f.round("erp");
    f.crm().can = newsletter();
    f.say("1", "withdrawn");
    auto open = f.tasks();
    REQUIRE(open.size() == 1);  // the ERP was told for an order
    CHECK(open[0].task.destination == "crm");
    CHECK(open[0].task.external_id == "r-1");
    CHECK(open[0].task.purpose == "marketing.email");
    CHECK(open[0].task.due_at == open[0].task.created_at + 15min);
    CHECK(open[0].task.sealed.find("example.com") == std::string::npos);
    f.say("1", "withdrawn");  // said again: a task of its own
    CHECK(f.tasks().size() == 2);
    CHECK(f.tell() == 2);
    REQUIRE(f.crm().pushed.size() == 3);
    CHECK(f.crm().pushed[1].action == "leave");
    CHECK(f.crm().pushed[1].json == R"({"address":"p1@example.com"})");
    CHECK(f.crm().pushed[1].remote_id == "r-1");
    CHECK(f.tasks()[0].state == TaskState::confirmed);
    CHECK(f.tasks()[0].task.sealed.empty());
    CHECK(f.tell() == 0);
}

TEST_CASE("the act and its tasks are one: what was read before opens none again", "[propagation]") {
    Told f;
    f.clock.advance(1s);
    auto withdrawn = f.saying("1", "withdrawn");
    f.take("shop", "1", withdrawn);
    f.take("shop", "1", withdrawn);
    CHECK(f.tasks().size() == 1);
}

TEST_CASE("a withdrawal of the purpose above, and a refusal, are told too; a bounce is not", "[propagation]") {
    Told f;
    auto what = GENERATE(as<std::pair<std::string, std::string>>{}, std::pair("withdrawn", "marketing"),
                         std::pair("refused", "marketing.email"), std::pair("revoked", "marketing.email"));
    f.say("1", what.first, what.second);
    CHECK(f.tasks().size() == 1);
    f.say("1", "invalidated");
    f.say("1", "withdrawn", "marketing.sms");
    CHECK(f.tasks().size() == 1);
}

TEST_CASE("where the act came from needs not be told", "[propagation]") {
    ConsentFixture f;
    f.deliver("erp", "marketing.email").channel = consent::Channel::email;
    f.say("1", "given");
    f.round("erp");
    CHECK(f.connectors["erp"]->pushed.size() == 1);
    f.say("1", "withdrawn", "marketing.email", "", "erp");
    CHECK(f.tasks().empty());
}

TEST_CASE("what no connector declares waits for an operator and is never counted as done", "[propagation]") {
    Told f;
    f.say("1", "withdrawn");
    CHECK(f.tell() == 1);
    auto task = f.tasks().at(0);
    CHECK(task.state == TaskState::unsupported);
    CHECK(task.last_error.find("scripted") != std::string::npos);
    CHECK(f.crm().pushed.size() == 1);
    f.clock.advance(25h);
    CHECK(f.tell() == 0);
    CHECK(f.read<std::uint64_t>(
              [&](store::ReadSession& session) { return session.propagation().overdue(f.clock.now()); }) == 1);
}

TEST_CASE("unsubscribing from mail ends no other channel", "[propagation]") {
    ConsentFixture f;
    f.deliver("crm", "marketing.sms");
    f.say("1", "given", "marketing.sms");
    f.round("crm");
    REQUIRE(f.connectors["crm"]->pushed.size() == 1);
    f.connectors["crm"]->can = newsletter();
    f.say("1", "withdrawn", "marketing.sms");
    f.tell();
    CHECK(f.tasks().at(0).state == TaskState::unsupported);
    CHECK(f.connectors["crm"]->pushed.size() == 1);
}

TEST_CASE("a destination that fails is tried again until it is told; one that refuses is shown", "[propagation]") {
    Told f;
    f.crm().can = newsletter();
    f.say("1", "withdrawn");
    f.crm().script.push_back(broken(Fault::transient));
    CHECK(f.tell() == 1);
    CHECK(f.tasks().at(0).state == TaskState::pending);
    CHECK(f.tell() == 0);
    f.clock.advance(10s);
    CHECK(f.tell() == 1);
    CHECK(f.tasks().at(0).state == TaskState::confirmed);
    CHECK(f.crm().pushed[1].key == f.crm().pushed[2].key);
    f.say("1", "withdrawn");
    f.crm().script.push_back(broken(Fault::refused));
    f.tell();
    CHECK(f.tasks().at(1).state == TaskState::failed);
}

TEST_CASE("who agreed again in the meantime is not unsubscribed", "[propagation]") {
    Told f;
    f.crm().can = newsletter();
    f.say("1", "withdrawn");
    f.clock.advance(10min);
    f.say("1", "given");
    f.tell();
    auto task = f.tasks().at(0);
    CHECK(task.state == TaskState::confirmed);
    CHECK(task.last_error.find("allowed again") != std::string::npos);
    CHECK(f.crm().pushed.size() == 1);
}

TEST_CASE("an erasure is told by deletion over there, though nothing is left here", "[propagation]") {
    ConsentFixture f;
    auto& crm = *f.connectors["crm"];
    crm.can.remove = connector::Capability{.action = "put", .remove = true};
    store::NewPropagationTask task{.request = f.uid("shop", "9"), .kind = store::TaskKind::erase};
    task.destination = "crm";
    task.external_id = "r-77";
    task.created_at = task.next_run_at = task.due_at = f.clock.now();
    REQUIRE(f.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.propagation().put(std::span(&task, 1)));
        return {};
    }));
    CHECK(f.tell() == 1);
    REQUIRE(crm.pushed.size() == 1);
    CHECK(crm.pushed[0].deleted);
    CHECK(crm.pushed[0].remote_id == "r-77");
    CHECK(f.tasks().at(0).state == TaskState::confirmed);
}
