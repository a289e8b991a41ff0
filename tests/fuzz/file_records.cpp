// Records of JSON arrays and XML files do not depend on how the file was cut into chunks, and reading that goes on
// behind any record finds the same rest.
#include <cstdlib>

#include "connectors/data/file/record_reader.hpp"

using namespace tributary::connectors::file;

namespace {

using Make = std::unique_ptr<RecordReader> (*)(const Stream&, Position);

struct Read {
    std::string text;
    std::vector<Position> ends;
    std::vector<std::size_t> sizes;  // of `text` after each record
};

// What a file says that cannot be read on depends on where it was found, so it is told without its place.
Read read_all(Make make, const Stream& stream, Position from, std::string_view input, std::size_t chunk) {
    Read out;
    const auto reader = make(stream, from);
    for (bool finished = false; !finished;) {
        finished = input.empty();
        reader->feed(input.substr(0, chunk));
        input.remove_prefix(std::min(chunk, input.size()));
        for (;;) {
            auto record = reader->next(finished);
            if (!record) {
                out.text += "stopped\n";
                return out;
            }
            if (!*record) break;
            out.text += (*record)->place + ' ' +
                        ((*record)->document ? (*record)->json : (*record)->document.error().what) + '\n';
            out.ends.push_back((*record)->after);
            out.sizes.push_back(out.text.size());
        }
    }
    return out;
}

void check(Make make, std::string_view input, std::size_t chunk) {
    Stream stream;
    stream.element = "a";
    stream.max_record = 1 << 20;
    const auto whole = read_all(make, stream, {}, input, input.size() + 1);
    if (read_all(make, stream, {}, input, chunk).text != whole.text) std::abort();
    for (std::size_t i = 0; i < whole.ends.size(); i += 1 + whole.ends.size() / 4) {
        const auto rest = read_all(make, stream, whole.ends[i], input.substr(whole.ends[i].offset), chunk);
        if (whole.text.substr(0, whole.sizes[i]) + rest.text != whole.text) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    check(make_json_array_reader, input, data[0] + 1U);
    check(make_xml_reader, input, data[0] + 1U);
    return 0;
}
