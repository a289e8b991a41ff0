// Conversation: what a connector and a system say to each other, written in YAML, and what must come of it.
//
//   title: orders come page by page
//   connector: shopify                 # or `definition:`, an inline definition of the http connector
//   settings: { shop: acme }
//   credentials: { access_token: t }
//   now: "2026-01-05T10:00:00Z"
//   steps:
//     - pull: orders                   # goes on from the cursor of the step before, unless `cursor` says otherwise
//       exchange:
//         - request: { method: GET, url: "https://...", headers: {}, body: {} }    # what is absent is not looked at
//           answer: { status: 200, headers: {}, body: {} }    # or text, base64, file: page.json; or, beside request,
//                                                             # fail: { ambiguous: true }
//       expect: { keys: ["1", "2"], last: true }     # or error: { fault: rate_limited, what: words, wait: 7s }
//     - push: upsert
//       items: [ { record: {}, remote_id: "7" } ]
//       exchange: [...]
//       expect: [ { remote_id: "7" } ]
//     - settle: https://gw.example/hooks/shop    # or unsubscribe, see subscription_step.hpp
//       expect: { created: 1 }
//     - log_in: code-1                 # a person agrees in a browser, and the provider gives that code
//       url: "https://.../authorize?..."    # what the person opens, its state written STATE, its challenge CHALLENGE
//       query: "code=code-1&hmac=..."    # all that the browser brings back, where the connector checks it
//       exchange: [...]                # the code for tokens; the code verifier is VERIFIER
//       expect: { renewable: true }    # or error
//     - hook: { url: "https://...", headers: {}, body: {} }    # a webhook comes in, see hook_step.hpp
//       expect: { topic: orders/create, events: [ { stream: orders, key: "7" } ] }
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/registry.hpp"
#include "gateway/vault/grants.hpp"
#include "tests/contract/connector/subscription_step.hpp"
#include "tests/fakes/instant_timers.hpp"
#include "tests/fakes/memory_grants.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/vault/fixture.hpp"

namespace tributary::contract {

class Conversation {
  public:
    Conversation(const connector::Registry& registry, const std::filesystem::path& file);

    std::string title() const { return root().find("title").scalar_text(); }
    value::Node root() const { return document_.root(); }
    value::Node steps() const { return root().find("steps"); }
    // What a step's exchange says, in order.
    std::deque<fakes::Exchange> script(value::Node step) const;
    // A connector as the file describes its connection; speaks over `http`.
    std::unique_ptr<connector::Connector> connect();

    // Runs every step and checks what it expects.
    void run();
    // One pull, over whatever `http` is scripted to say.
    Result<connector::Page> pull(connector::Connector& connector, value::Node step, const connector::Cursor& cursor);

    fakes::ScriptedHttp http;
    FakeClock clock;
    Log log{LogLevel::debug, Log::Target::memory};
    Credentials credentials;  // those of the file, and what the connector kept

  private:
    void run_pull(connector::Connector& connector, value::Node step, connector::Cursor& cursor);
    void run_push(connector::Connector& connector, value::Node step);
    void run_look_up(connector::Connector& connector, value::Node step);
    void run_fetch(connector::Connector& connector, value::Node step);
    void run_log_in(connector::Connector& connector, value::Node step);
    void run_check(connector::Connector& connector, value::Node step);
    std::vector<connector::Push> items(value::Node step) const;

    const connector::Registry& registry_;
    std::filesystem::path file_;
    value::Document document_;
    run::Loop loop_{"conversation"};  // outlives the pool, whose thread lets go of it last
    fakes::InstantTimers timers_{clock};
    run::Pool pool_{"blocking", 1};
    crypto::SeededRandom random_{1};
    // Where tokens of a log_in are kept. A conversation without one keeps them in memory, as `connector test` does.
    struct Kept {
        explicit Kept(const Clock& clock) : clock(clock) {}
        const Clock& clock;
        vault::Keys keys;
        vault::MemorySecretStore secrets;
        fakes::MemoryGrants rows{secrets};
        vault::Vault vault{secrets, keys.ring, keys.random, clock};
        vault::Grants grants{rows, vault, clock};
    };
    std::optional<Kept> kept_;
};

// The conversations in a folder, by name.
std::vector<std::filesystem::path> conversations_in(const std::filesystem::path& folder);
// Compares an error with `error: { fault, what, wait, ambiguous }`.
void check_error(const Error& error, value::Node expected);
// Whether the JSON holds all that is expected; members that are not named may be anything, lists are as long.
void check_json(const std::string& actual, value::Node expected);

}  // namespace tributary::contract
