#include <string_view>

#include "gateway/connector/declarative/link_header.hpp"
#include "gateway/connector/declarative/url.hpp"

using namespace tributary::connector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const auto base = parse_url("https://api.example.com/v1/things?page=1").value();
    const auto link = link_with(text, "next");
    const auto resolved = resolve(base, link ? *link : text);
    // What was accepted once is accepted again and means the same.
    if (resolved && parse_url(resolved->text()).value().text() != resolved->text()) __builtin_trap();
    return 0;
}
