// The address that a browser was sent back to after a login: never more than a code or a clear refusal, and a code only
// with the right state.
#include <cstdlib>
#include <string_view>

#include "gateway/connector/login.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tributary;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto code = connector::read_redirect(text, "the-state");
    if (code && (code->code.empty() || connector::read_redirect(text, "another-state"))) std::abort();
    if (!code && (code.error().what.empty() || code.error().text().size() > 1000)) std::abort();
    if (!code)
        for (const char c : code.error().what)
            if (static_cast<unsigned char>(c) < ' ') std::abort();
    return 0;
}
