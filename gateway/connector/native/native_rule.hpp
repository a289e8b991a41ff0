// NativeRule: what a connector.yaml with `engine: native` says about its shared library.
#pragma once

#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/spec/object.hpp"

namespace tributary::connector {

struct NativeRule {
    std::string library;       // a path: beside the connector.yaml, unless absolute
    bool own_process = false;  // a crash or a hang ends that process alone
    Milliseconds call_timeout = std::chrono::seconds{30};
};
const spec::Type<NativeRule>& describe(spec::Tag<NativeRule>);

}  // namespace tributary::connector
