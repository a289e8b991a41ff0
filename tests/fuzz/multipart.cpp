// Whatever the bytes are, what is accepted is JSON.
#include "gateway/value/multipart.hpp"

#include <cstdlib>

#include "gateway/value/json.hpp"

using namespace tributary::value;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto document = parse_multipart(body);
    if (document && !looks_multipart(body)) std::abort();
    if (document && !parse_json(to_json(document->root()))) std::abort();
    return 0;
}
