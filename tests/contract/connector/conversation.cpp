#include "tests/contract/connector/conversation.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "gateway/base/base64.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/connector/credential_values.hpp"
#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/spec/yaml.hpp"
#include "tests/contract/connector/hook_step.hpp"

namespace tributary::contract {
namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

value::Document copied(value::Node node) {
    value::Builder out;
    out.copy(node);
    return out.take();
}

// Whether all that `expected` says is so in `actual`; lists must be as long.
bool holds(value::Node expected, value::Node actual) {
    if (expected.is(value::Kind::object)) {
        for (const auto member : expected)
            if (!holds(member, actual.find(member.key()))) return false;
        return actual.is(value::Kind::object);
    }
    if (expected.is(value::Kind::array)) {
        if (!actual.is(value::Kind::array) || expected.size() != actual.size()) return false;
        for (std::size_t i = 0; i < expected.size(); ++i)
            if (!holds(expected.at(i), actual.at(i))) return false;
        return true;
    }
    return expected.scalar_text() == actual.scalar_text();
}

}  // namespace

void check_json(const std::string& actual, value::Node expected) {
    const auto document = value::parse_json(actual);
    REQUIRE(document);
    if (!holds(expected, document->root())) CHECK(value::to_json(document->root()) == value::to_json(expected));
}

void check_error(const Error& error, value::Node expected) {
    INFO(error.text());
    CHECK(name_of(error.fault) == expected.find("fault").scalar_text());
    if (const auto what = expected.find("what")) CHECK(error.text().find(what.scalar_text()) != std::string::npos);
    if (const auto wait = expected.find("wait")) {
        REQUIRE(error.retry_after);
        CHECK(*error.retry_after == parse_duration(wait.scalar_text()).value());
    }
}

std::vector<std::filesystem::path> conversations_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> out;
    if (!std::filesystem::is_directory(folder)) return out;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".yaml") out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
}

Conversation::Conversation(const connector::Registry& registry, const std::filesystem::path& file)
    : registry_(registry), file_(file) {
    spec::Problems problems;
    const auto yaml = spec::read_yaml(file.string(), problems);
    INFO(problems.text());
    REQUIRE((yaml && problems.ok()));
    document_ = spec::to_document(*yaml);
    for (const auto field : root().find("credentials")) credentials.emplace(field.key(), field.scalar_text());
    const auto now = root().find("now");
    clock.set(net::parse_rfc3339(now ? now.scalar_text() : "2026-01-05T10:00:00Z").value());
}

std::unique_ptr<connector::Connector> Conversation::connect() {
    const bool is_inline = static_cast<bool>(root().find("definition"));
    value::Builder settings;
    settings.begin_object();
    for (const auto member : root().find("settings")) settings.key(member.key()).copy(member);
    if (is_inline) settings.key("definition").copy(root().find("definition"));
    settings.end();
    connector::Setup setup{.connection = "test",
                           .settings = settings.take(),
                           .http = http,
                           .timers = timers_,
                           .blocking = pool_,
                           .random = random_,
                           .log = log};
    setup.credential = [this](std::string_view field) -> Result<crypto::SecretBytes> {
        const auto found = credentials.find(field);
        if (found == credentials.end())
            return fail(Fault::not_found, "no such field: " + std::string(field));  // as the vault says it
        return crypto::SecretBytes(found->second);
    };
    setup.keep_credential = [this](std::string_view field, const crypto::SecretBytes& value) -> Result<void> {
        auto& all = credentials[std::string(field)];
        all = connector::with_newest(value.reveal(), all);
        return {};
    };
    for (const auto step : steps())
        if (step.find("log_in") && !kept_) kept_.emplace(clock);
    if (kept_) {
        setup.grants = &kept_->grants;
        setup.grant_name = "test";
    }
    auto built = registry_.build(is_inline ? "http" : root().find("connector").scalar_text(), std::move(setup));
    if (!built) FAIL(built.error().text());
    return *std::move(built);
}

std::deque<fakes::Exchange> Conversation::script(value::Node step) const {
    std::deque<fakes::Exchange> out;
    for (const auto written : step.find("exchange")) {
        fakes::Exchange each;
        const auto request = written.find("request");
        each.method = request.find("method").scalar_text();
        each.url = request.find("url").scalar_text();
        each.login = written.find("login").boolean();
        for (const auto header : request.find("headers")) each.headers.emplace_back(header.key(), header.scalar_text());
        if (const auto body = request.find("body")) each.json = copied(body);
        if (const auto text = request.find("text")) each.body = text.scalar_text();
        const auto answer = written.find("answer");
        if (const auto status = answer.find("status")) each.answer.status = static_cast<int>(status.integer());
        for (const auto header : answer.find("headers"))
            each.answer.headers.emplace_back(header.key(), header.scalar_text());
        if (const auto body = answer.find("body")) each.answer.body = value::to_json(body);
        if (const auto text = answer.find("text")) each.answer.body = text.scalar_text();
        if (const auto bytes = answer.find("base64")) each.answer.body = from_base64(bytes.scalar_text()).value();
        if (const auto file = answer.find("file"))
            each.answer.body = contents(file_.parent_path() / file.scalar_text());
        if (const auto failure = written.find("fail"))
            each.failure = {{Fault::transient, "no answer came"}, failure.find("ambiguous").boolean()};
        out.push_back(std::move(each));
    }
    return out;
}

Result<connector::Page> Conversation::pull(connector::Connector& connector, value::Node step,
                                           const connector::Cursor& cursor) {
    REQUIRE(connector.source());
    return run::run_blocking(loop_, connector.source()->pull(step.find("pull").scalar_text(), cursor));
}

void Conversation::run_pull(connector::Connector& connector, value::Node step, connector::Cursor& cursor) {
    if (const auto given = step.find("cursor"))
        cursor.json = given.is(value::Kind::text) ? std::string(given.text()) : value::to_json(given);
    const auto page = pull(connector, step, cursor);
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(page);
        check_error(page.error(), error);
        return;
    }
    if (!page) FAIL(page.error().text());
    std::vector<std::string> keys, expected;
    for (const auto& record : page->records) keys.push_back((record.deleted ? "-" : "") + record.external_id);
    for (const auto key : expect.find("keys")) expected.push_back(key.scalar_text());
    CHECK(keys == expected);
    if (const auto last = expect.find("last")) CHECK(page->last == last.boolean());
    if (const auto total = expect.find("total")) CHECK(page->total == static_cast<std::uint64_t>(total.integer()));
    if (const auto broken = expect.find("broken"))
        CHECK(page->broken.size() == static_cast<std::size_t>(broken.integer()));
    if (const auto saved = expect.find("cursor")) check_json(page->cursor.json, saved);
    std::size_t i = 0;
    for (const auto record : expect.find("records")) check_json(page->records.at(i++).json, record);
    if (const auto wait = step.find("again"); wait && wait.boolean()) return;  // the cursor stays
    cursor = page->cursor;
}

std::vector<connector::Push> Conversation::items(value::Node step) const {
    std::vector<connector::Push> out;
    for (const auto item : step.find("items")) {
        connector::Push push{.idempotency_key = "key-" + std::to_string(out.size() + 1),
                             .record = copied(item.find("record"))};
        if (const auto key = item.find("idempotency_key")) push.idempotency_key = key.scalar_text();
        if (const auto id = item.find("remote_id")) push.remote_id = id.scalar_text();
        push.deleted = item.find("deleted").boolean();
        out.push_back(std::move(push));
    }
    return out;
}

void Conversation::run_push(connector::Connector& connector, value::Node step) {
    REQUIRE(connector.sink());
    const auto outcomes =
        run::run_blocking(loop_, connector.sink()->push(step.find("push").scalar_text(), items(step)));
    const auto expect = step.find("expect");
    REQUIRE(outcomes.size() == expect.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto wanted = expect.at(i);
        const auto& outcome = outcomes[i];
        CHECK(outcome.ambiguous == wanted.find("ambiguous").boolean());
        if (const auto error = wanted.find("error")) {
            REQUIRE_FALSE(outcome.result);
            check_error(outcome.result.error(), error);
            continue;
        }
        if (!outcome.result) FAIL(outcome.result.error().text());
        CHECK(outcome.result->remote_id.value_or("") == wanted.find("remote_id").scalar_text());
        CHECK(outcome.result->already_applied == wanted.find("already_applied").boolean());
    }
}

void Conversation::run_look_up(connector::Connector& connector, value::Node step) {
    REQUIRE(connector.sink());
    const auto all = items(step);
    const auto found =
        run::run_blocking(loop_, connector.sink()->look_up(step.find("look_up").scalar_text(), all.at(0)));
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(found);
        return check_error(found.error(), error);
    }
    if (!found) FAIL(found.error().text());
    CHECK((*found ? (*found)->remote_id.value_or("") : "nothing") == expect.find("remote_id").scalar_text());
}

void Conversation::run_fetch(connector::Connector& connector, value::Node step) {
    REQUIRE(connector.source());
    const auto record = run::run_blocking(
        loop_, connector.source()->fetch(step.find("fetch").scalar_text(), step.find("id").scalar_text()));
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(record);
        return check_error(record.error(), error);
    }
    if (!record) FAIL(record.error().text());
    CHECK(record->external_id == step.find("id").scalar_text());
    check_json(record->json, expect);
}

void Conversation::run_log_in(connector::Connector& connector, value::Node step) {
    auto* login = connector.login();
    REQUIRE(login);
    const auto redirect_uri = login->redirect_uri();
    REQUIRE(redirect_uri);
    auto begun = login->begin_browser(*redirect_uri);
    if (!begun) FAIL(begun.error().text());
    auto url = begun->url;
    const auto mask = [&url](const std::string& text, std::string_view name) {
        if (const auto at = url.find(text); at != std::string::npos) url.replace(at, text.size(), name);
    };
    mask(begun->state, "STATE");
    if (!begun->code_verifier.empty()) {
        mask(connector::s256(begun->code_verifier), "CHALLENGE");
        begun->code_verifier = "VERIFIER";
    }
    if (const auto written = step.find("url")) CHECK(url == written.scalar_text());
    const connector::Redirected back{std::string(step.find("log_in").scalar_text()),
                                     std::string(step.find("query").scalar_text())};
    const auto done = run::run_blocking(loop_, login->redeem(back, *std::move(begun)));
    const auto expect = step.find("expect");
    if (const auto error = expect.find("error")) {
        REQUIRE_FALSE(done);
        return check_error(done.error(), error);
    }
    if (!done) FAIL(done.error().text());
    CHECK(done->renewable == expect.find("renewable").boolean());
}

void Conversation::run_check(connector::Connector& connector, value::Node step) {
    const auto done = run::run_blocking(loop_, connector.check());
    if (const auto error = step.find("expect").find("error")) {
        REQUIRE_FALSE(done);
        return check_error(done.error(), error);
    }
    if (!done) FAIL(done.error().text());
}

void Conversation::run() {
    INFO(file_.filename().string() << ": " << title());
    auto connector = connect();
    connector::Cursor cursor;
    std::size_t number = 0;
    for (const auto step : steps()) {
        INFO("step " << ++number);
        if (const auto wait = step.find("after")) clock.advance(parse_duration(wait.scalar_text()).value());
        http.script = script(step);
        if (step.find("pull"))
            run_pull(*connector, step, cursor);
        else if (step.find("push"))
            run_push(*connector, step);
        else if (step.find("look_up"))
            run_look_up(*connector, step);
        else if (step.find("fetch"))
            run_fetch(*connector, step);
        else if (step.find("settle"))
            run_settle(*connector, loop_, step, credentials);
        else if (step.find("unsubscribe"))
            run_unsubscribe(*connector, loop_, step);
        else if (step.find("log_in"))
            run_log_in(*connector, step);
        else if (step.find("check"))
            run_check(*connector, step);
        else if (step.find("hook"))
            run_hook(*connector, step, clock.now());
        else
            FAIL("a step is a pull, push, look_up, fetch, settle, unsubscribe, log_in, check or hook");
        CHECK(http.script.empty());
    }
}

}  // namespace tributary::contract
