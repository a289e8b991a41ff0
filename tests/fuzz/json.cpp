// What is accepted is written, pretty or not, and copied, and reads back the same each time.
#include "gateway/value/json.hpp"

#include <cstdlib>

using namespace tributary::value;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static JsonParser parser;
    const auto document = parser.parse({reinterpret_cast<const char*>(data), size});
    if (!document) return 0;
    const auto text = to_json(document->root());
    const auto again = parser.parse(text);
    if (!again || to_json(again->root()) != text) std::abort();
    const auto pretty = parser.parse(to_pretty_json(document->root()));
    if (!pretty || to_json(pretty->root()) != text) std::abort();
    Builder builder;
    const auto copy = builder.copy(document->root()).take();
    if (to_json(copy.root()) != text) std::abort();
    return 0;
}
