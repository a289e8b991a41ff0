// Any bytes as a config text: parse, resolve, describe, and write out again; no input may crash or hang.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/spec/yaml.hpp"
#include "gateway/value/json.hpp"
#include "tests/unit/spec/sample.hpp"

namespace {

class Environment final : public tributary::spec::Resolver {
  public:
    tributary::Result<std::string> resolve(const tributary::spec::Reference& reference) const override {
        return reference.name;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tributary;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    spec::Problems problems;
    auto yaml = spec::parse_yaml(text, "f", problems, {.bytes = 1 << 16, .depth = 32, .nodes = 4096});
    if (!yaml && problems.ok()) std::abort();
    if (yaml) {
        auto resolved = spec::resolve_environment(*yaml, Environment(), problems);
        auto config = spec::type_of<sample::Config>().parse(resolved, problems);
        if (!config && problems.ok()) std::abort();
        // What YAML gave is a value that JSON can carry.
        if (!value::parse_json(value::to_json(spec::to_document(*yaml).root()))) std::abort();
    }
    (void)problems.text();
    return 0;
}
