// PublicOptIn: the page behind the link of a double opt-in, on the public webhook face. Mail scanners and previews
// follow links, so looking at the page confirms nothing: a button does.
#pragma once

#include <string_view>

#include "gateway/flow/double_opt_in.hpp"
#include "gateway/net/http.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/task.hpp"

namespace tributary::app {

class PublicOptIn {
  public:
    static constexpr std::string_view kPath = "/consent/confirm";

    PublicOptIn(flow::DoubleOptIn& opt_in, run::Pool& pool) : opt_in_(opt_in), pool_(pool) {}
    run::Task<net::HttpResponse> answer(net::InboundHttp request);

  private:
    flow::DoubleOptIn& opt_in_;
    run::Pool& pool_;
};

}  // namespace tributary::app
