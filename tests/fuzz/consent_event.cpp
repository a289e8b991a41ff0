// Any bytes as a stored consent event: what is accepted survives being written and read again unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/consent/event.hpp"
#include "gateway/value/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tributary;
    auto event = consent::event_from_json({reinterpret_cast<const char*>(data), size});
    if (!event) return 0;
    auto again = consent::event_from_json(value::to_json(consent::to_document(*event).root()));
    if (!again || *again != *event) std::abort();
    return 0;
}
