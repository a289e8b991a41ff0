// What is accepted is written and reads back the same.
#include "gateway/value/form.hpp"

#include <cstdlib>

#include "gateway/value/json.hpp"

using namespace tributary::value;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto document = parse_form({reinterpret_cast<const char*>(data), size});
    if (!document) return 0;
    const auto json = to_json(document->root());
    if (!parse_json(json)) std::abort();
    const auto again = parse_form(write_form(document->root()));
    if (!again || to_json(again->root()) != json) std::abort();
    return 0;
}
