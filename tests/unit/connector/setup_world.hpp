// What a connector's Setup refers to, for tests that speak to one without a conversation file.
#pragma once

#include "gateway/connector/setup.hpp"

namespace tributary::connector {

struct SetupWorld {
    FakeClock clock;
    run::FakeTimers timers{clock};
    run::Loop loop{"test"};  // outlives the pool, whose thread lets go of it last
    run::Pool pool{"blocking", 1};
    crypto::SeededRandom random{1};
    Log log{LogLevel::off};

    // Every credential is "secret".
    Setup setup(net::HttpClient& http) {
        Setup out{.connection = "test", .http = http, .timers = timers, .blocking = pool, .random = random, .log = log};
        out.credential = [](std::string_view) -> Result<crypto::SecretBytes> { return crypto::SecretBytes("secret"); };
        return out;
    }
};

}  // namespace tributary::connector
