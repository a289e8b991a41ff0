// NativeFile: a whole connector.yaml, with what it says about a shared library when its engine is native.
#pragma once

#include <optional>

#include "gateway/connector/declarative/definition.hpp"
#include "gateway/connector/native/native_rule.hpp"

namespace tributary::connector {

struct NativeFile : ConnectorFile {
    std::optional<NativeRule> native;  // there exactly when the file says `engine: native`
};
const spec::Type<NativeFile>& describe(spec::Tag<NativeFile>);

}  // namespace tributary::connector
