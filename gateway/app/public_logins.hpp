// PublicLogins: browsers that a provider sends back to the public webhook face, for logins that an operator's command
// waits for. For providers that take no address on loopback, and for people whose browser is not on the gateway's
// machine.
//
// In memory only: a login that nobody finishes leaves nothing. Threads: any.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/net/http.hpp"

namespace tributary::app {

class PublicLogins {
  public:
    static constexpr std::string_view kPath = "/login/callback";
    static constexpr std::size_t kMost = 16;  // that wait at once
    static constexpr Milliseconds kLife = std::chrono::hours(1);

    // The state of a login that begins now. rate_limited: kMost wait already.
    Result<void> expect(std::string_view state, Timestamp now);
    // What the browser is answered; the first that comes with a state that is expected is kept.
    net::HttpResponse answer(const net::InboundHttp& request, Timestamp now);
    // The query that came for this state, once; nullopt while nobody came. not_found: no such login waits.
    Result<std::optional<std::string>> take(std::string_view state, Timestamp now);

  private:
    struct Waiting {
        Timestamp until;
        std::optional<std::string> query;
    };
    void forget_old(Timestamp now);

    std::mutex mutex_;
    // By the hash of the state, so that how long a look-up takes tells nothing about it.
    std::map<crypto::Digest<32>, Waiting> waiting_;
};

}  // namespace tributary::app
