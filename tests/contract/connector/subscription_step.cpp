#include "tests/contract/connector/subscription_step.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/connector/conversation.hpp"

namespace tributary::contract {

void run_settle(connector::Connector& connector, run::Loop& loop, value::Node step, const Credentials& credentials) {
    REQUIRE(connector.subscriptions());
    std::vector<std::string> topics;
    for (const auto topic : step.find("topics")) topics.push_back(topic.scalar_text());
    const auto done =
        run::run_blocking(loop, connector.subscriptions()->settle(step.find("settle").scalar_text(), topics));
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(done);
        return check_error(done.error(), error);
    }
    if (!done) FAIL(done.error().text());
    const auto count = [&](std::string_view name) { return static_cast<std::size_t>(expect.find(name).integer()); };
    CHECK(done->kept == count("kept"));
    CHECK(done->created == count("created"));
    CHECK(done->renewed == count("renewed"));
    CHECK(done->removed == count("removed"));
    for (const auto kept : expect.find("credentials")) {
        INFO(kept.key());
        REQUIRE(credentials.contains(kept.key()));
        CHECK(credentials.find(kept.key())->second == kept.scalar_text());
    }
}

void run_unsubscribe(connector::Connector& connector, run::Loop& loop, value::Node step) {
    REQUIRE(connector.subscriptions());
    const auto done =
        run::run_blocking(loop, connector.subscriptions()->remove_all(step.find("unsubscribe").scalar_text()));
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(done);
        return check_error(done.error(), error);
    }
    if (!done) FAIL(done.error().text());
    CHECK(*done == static_cast<std::size_t>(expect.find("removed").integer()));
}

}  // namespace tributary::contract
