// Asking a gateway that runs already, through its admin face.
#pragma once

#include <string>

#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

// not_found when none runs (there is no admin token). Its own errors come back as they were.
// `bearer`: of a session; empty: the local operator.
Result<value::Document> ask_running(const Config& config, const std::string& operation, value::Node arguments,
                                    const std::string& bearer = "");

}  // namespace tributary::app
