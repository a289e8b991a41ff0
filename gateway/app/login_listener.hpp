// LoginListener: waits on loopback for the browser that a provider sends back after a login, once.
#pragma once

#include <memory>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/login.hpp"

namespace tributary::app {

class LoginListener {
  public:
    // bad_config: `redirect_uri` is not http on a loopback address, or its port is taken.
    static Result<std::unique_ptr<LoginListener>> open(const std::string& redirect_uri, const Clock& clock);
    ~LoginListener();

    // What came back for this state. Faults as connector::read_redirect; transient when nobody came in time. Blocks.
    Result<connector::Redirected> wait(const std::string& state, Milliseconds at_most);

  private:
    struct Impl;
    explicit LoginListener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::app
