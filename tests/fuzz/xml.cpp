// What is accepted can be written and reads back the same.
#include "gateway/value/xml.hpp"

#include <cstdlib>

#include "gateway/value/json.hpp"

using namespace tributary::value;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto document = parse_xml({reinterpret_cast<const char*>(data), size});
    if (!document) return 0;
    // Every accepted document must also be valid JSON: UTF-8 and keys that come once.
    const auto json = to_json(document->root());
    if (!parse_json(json, {.depth = 1024})) std::abort();
    const auto written = write_xml(document->root());
    if (!written) return 0;  // pugixml reads names that XML does not know
    const auto again = parse_xml(*written);
    if (!again || to_json(again->root()) != json) std::abort();
    return 0;
}
