// What a client of the admin face sends: path, query, body, cursor and bearer token. Whatever they hold, they are
// refused or become arguments that the operation declares.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "gateway/access/bearer.hpp"
#include "gateway/api/route.hpp"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace api;
    static const OperationInfo operation{"letters.list",
                                         access::Permission::queue_read,
                                         {field::text("stage"), field::integer("after"), field::integer("limit"),
                                          field::flag("redriven"), field::texts("why"), field::integer("id")},
                                         {}};
    static const std::vector<Route> routes{serves("GET", "/v1/letters", "letters.list", ""),
                                           serves("GET", "/v1/letters/{id}", "letters.list", ""),
                                           serves("POST", "/v1/letters/{stage}/drop", "letters.list", "")};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // Lines: method, path, query, bearer token; what follows is the body.
    std::string_view parts[4], rest = text;
    for (auto& part : parts) {
        const auto line = rest.find('\n');
        part = rest.substr(0, line);
        rest = line == std::string_view::npos ? std::string_view() : rest.substr(line + 1);
    }
    if (const auto bearer = access::Bearer::parse(parts[3]); bearer && bearer->id.size() != 16) std::abort();
    const auto matched = match(routes, parts[0], parts[1]);
    if (!matched) return 0;
    const auto arguments = bind_arguments(operation, *matched, parts[2], rest);
    if (!arguments) return 0;
    for (const auto one : arguments->root())
        if (!operation.takes_field(one.key())) std::abort();
    return 0;
}
