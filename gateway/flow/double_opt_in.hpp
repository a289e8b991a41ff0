// Double opt-in: who asks for news is asked back at the address that they gave, and only the answer counts. Asking
// records a pending act and makes a link; confirming it records the grant, with the link's token as proof.
//
// A token holds 128 bits of the system's randomness and whose it is; of it only a hash is kept, in the pending act. It
// is good once, for seven days. Until then every use of the purpose is denied (C-PENDING): sending the one message that
// holds the link is up to the caller.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

constexpr Milliseconds kTokenLife = std::chrono::hours(7 * 24);

class DoubleOptIn {
  public:
    DoubleOptIn(World& world, Process& process) : world_(world), process_(process) {}

    // `act` is a consent_event record as a mapping writes it; its state, type and time are set here. bad_input names
    // what is wrong. Returns the token. Blocks.
    Result<std::string> ask(value::Node act, const Uid& contact, const Uid& subject);
    // not_found: no such token, or it is too old, or was used. Blocks; safe from several threads.
    Result<void> confirm(std::string_view token);
    // Whether it has the form of one, so that it may be shown.
    static bool is_token(std::string_view text);

  private:
    World& world_;
    Process& process_;
    std::mutex mutex_;  // a token is used once, also by two clicks at a time
};

}  // namespace tributary::flow
