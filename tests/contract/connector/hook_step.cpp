#include "tests/contract/connector/hook_step.hpp"

#include "gateway/run/executor.hpp"
#include "tests/contract/connector/conversation.hpp"

namespace tributary::contract {
namespace {

connector::InboundRequest request_of(value::Node written) {
    connector::InboundRequest request{.method = "POST"};
    if (const auto method = written.find("method")) request.method = method.scalar_text();
    request.url = written.find("url").scalar_text();
    const auto scheme = request.url.find("://");
    const auto slash = scheme == std::string::npos ? scheme : request.url.find('/', scheme + 3);
    request.target = slash == std::string::npos ? "/" : request.url.substr(slash);
    for (const auto header : written.find("headers")) request.headers.emplace_back(header.key(), header.scalar_text());
    if (const auto body = written.find("body")) request.body = value::to_json(body);
    if (const auto text = written.find("text")) request.body = text.scalar_text();
    return request;
}

void check_answer(const connector::InboundAnswer& answer, value::Node expected) {
    if (const auto status = expected.find("status")) CHECK(answer.status == status.integer());
    if (const auto type = expected.find("content_type")) CHECK(answer.content_type == type.scalar_text());
    if (const auto body = expected.find("body")) {
        INFO(answer.body);
        CHECK(answer.body.find(body.scalar_text()) != std::string::npos);
    }
}

void check_events(const std::vector<connector::InboundEvent>& events, value::Node expected) {
    REQUIRE(events.size() == expected.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        INFO("event " << i + 1);
        const auto& event = events[i];
        const auto want = expected.at(i);
        if (const auto stream = want.find("stream")) CHECK(event.stream == stream.scalar_text());
        if (const auto key = want.find("key")) CHECK(event.record.external_id == key.scalar_text());
        CHECK(event.thin == want.find("thin").boolean());
        CHECK(event.news == want.find("news").boolean());
        CHECK(event.record.deleted == want.find("deleted").boolean());
        if (const auto record = want.find("record")) check_json(event.record.json, record);
    }
}

}  // namespace

void run_hook(connector::Connector& connector, value::Node step, Timestamp now) {
    const auto* hook = connector.hook();
    REQUIRE(hook);
    const auto request = request_of(step.find("hook"));
    const auto expect = step.find("expect");
    const auto challenge = hook->challenge(request, now);
    if (const auto wanted = expect.find("challenge")) {
        REQUIRE(challenge);
        if (!*challenge) FAIL(challenge->error().text());
        return check_answer(**challenge, wanted);
    }
    REQUIRE_FALSE(challenge);
    auto verified = hook->verify(request, now);
    if (!verified && verified.error().fault == Fault::transient && verified.error().what == connector::kKeysNeeded) {
        REQUIRE(connector.hook_keys());
        run::run_blocking(connector.hook_keys()->fetch());
        verified = hook->verify(request, now);
    }
    if (const auto lacking = expect.find("unavailable")) {
        REQUIRE_FALSE(verified);
        CHECK(verified.error().fault == Fault::transient);
        CHECK(verified.error().what == lacking.scalar_text());
        return;
    }
    if (const auto refused = expect.find("refused")) {
        REQUIRE_FALSE(verified);
        CHECK(verified.error().fault == Fault::unauthorized);
        INFO(verified.error().text());
        CHECK(verified.error().text().find(refused.scalar_text()) != std::string::npos);
        return;
    }
    if (!verified) FAIL(verified.error().text());
    const auto opened = hook->open(request);
    if (!opened) FAIL(opened.error().text());
    const auto topic = hook->topic(*opened), id = hook->delivery_id(*opened);
    if (!topic) FAIL(topic.error().text());
    if (!id) FAIL(id.error().text());
    if (const auto wanted = expect.find("topic")) CHECK(*topic == wanted.scalar_text());
    if (const auto wanted = expect.find("delivery_id")) CHECK(*id == wanted.scalar_text());
    if (const auto wanted = expect.find("answer")) {
        const auto answer = hook->accepted(now);
        if (!answer) FAIL(answer.error().text());
        check_answer(*answer, wanted);
    }
    const auto events = hook->decode(*topic, opened->body);
    if (const auto fault = expect.find("fault")) {
        REQUIRE_FALSE(events);
        CHECK(name_of(events.error().fault) == fault.scalar_text());
        return;
    }
    if (!events) FAIL(events.error().text());
    check_events(*events, expect.find("events"));
}

}  // namespace tributary::contract
