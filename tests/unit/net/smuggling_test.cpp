// Request smuggling: the server finds the same requests in a stream as a parser that was written by the letter alone.
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/fakes/served_framing.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::fakes;

namespace {

std::string filled(std::string text) {
    const std::pair<std::string, std::string> parts[] = {{"{next}", "GET /next HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"},
                                                         {"{post}", "POST /first HTTP/1.1\\r\\nHost: a\\r\\n"}};
    for (const auto& [name, part] : parts)
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + part.size()))
            text.replace(at, name.size(), part);
    return test::unescaped(text);
}

std::string told(const Framing& framing) {
    constexpr const char* kEnds[] = {"end", "waits", "refused", "closed"};
    return std::to_string(framing.requests.size()) + " " + kEnds[static_cast<int>(framing.end)];
}

}  // namespace

TEST_CASE("no stream is framed in another way than by the letter", "[smuggling][req14]") {
    const auto cases = test::read_cases("smuggling/cases.txt", 2);
    CHECK(cases.size() >= 100);
    int disagreements = 0;
    for (const auto& one : cases) {
        INFO(one.place << " " << one.columns[0]);
        const auto bytes = filled(one.columns[0]);
        const auto ours = served_framing(bytes), strict = StrictFraming::of(bytes);
        CHECK(told(ours) == one.columns[1]);
        const auto why = disagreement(ours, strict);
        INFO(why.value_or(""));
        CHECK_FALSE(why);
        disagreements += why.has_value();
        // However much of it has arrived.
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto part = std::string_view(bytes).substr(0, size);
            INFO("its first " << size << " bytes");
            const auto early = disagreement(served_framing(part), StrictFraming::of(part));
            if (early) CHECK(*early == "");
            disagreements += early.has_value();
        }
    }
    std::cout << "smuggling: " << cases.size() << " streams, " << disagreements << " disagreements" << std::endl;
}
