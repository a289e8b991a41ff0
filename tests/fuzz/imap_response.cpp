// However a server's bytes come and whatever they are: responses come out the same, memory stays bounded, and a folder
// name that reads back is written the same way.
#include "connectors/email/imap/response_reader.hpp"

#include <cstdlib>
#include <string>

#include "connectors/email/imap/folder_name.hpp"
#include "gateway/value/utf8.hpp"

using namespace tributary::connectors::imap;

namespace {

std::string shape(const Value& value) {
    std::string out = std::to_string(static_cast<int>(value.kind)) + value.text;
    for (const auto& item : value.items) out += '(' + shape(item) + ')';
    return out;
}

std::string read(std::string_view input, std::size_t step) {
    ResponseReader reader({.line = 1000, .response = 4000});
    std::string out;
    for (std::size_t at = 0; at < input.size(); at += step) {
        reader.feed(input.substr(at, step));
        for (;;) {
            const auto one = reader.next();
            if (!one) return out + "!";
            if (!*one) break;
            out += (*one)->tag + (*one)->text;
            for (const auto& value : (*one)->values) out += shape(value);
            for (const auto& value : (*one)->code) out += shape(value);
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    // A line that is too long may be found out earlier or later, as it comes; what was whole before it is the same.
    if (size < 900 && read(input, 1) != read(input, size)) std::abort();
    read(input, 3);
    if (const auto name = from_modified_utf7(input); name) {
        if (!tributary::value::valid_utf8(*name)) std::abort();
        if (from_modified_utf7(to_modified_utf7(*name)) != name) std::abort();
    }
    return 0;
}
