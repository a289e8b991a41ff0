#include "gateway/connector/native/native_rule.hpp"

#include "gateway/spec/container.hpp"

namespace tributary::connector {

const spec::Type<NativeRule>& describe(spec::Tag<NativeRule>) {
    static const auto isolation =
        spec::choice<bool>("isolation", {{"thread", false,
                                          "in the gateway, on a thread of its own: fast, and a crash "
                                          "of the library is a crash of the gateway"},
                                         {"process", true, "in a process of its own, started again when it dies"}});
    static const auto type =
        spec::Object<NativeRule>("native", "the shared library that runs a connector")
            .field("library", &NativeRule::library,
                   {.summary = "its file, beside the connector.yaml or absolute; nobody else may write it"})
            .field("isolation", &NativeRule::own_process, isolation, {.summary = "where it runs", .fallback = "thread"})
            .field("call_timeout", &NativeRule::call_timeout, spec::duration(Milliseconds{10}),
                   {.summary = "one call is given up after this", .fallback = "30s"})
            .type();
    return type;
}

}  // namespace tributary::connector
