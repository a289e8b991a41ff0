// Any text of a customer, as plain text and as HTML, against the shipped service rules: judged, and a case made of it.
#include <cstdlib>

#include "gateway/service/case_record.hpp"
#include "gateway/service/message_text.hpp"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto book = [] {
        spec::Problems problems;
        auto loaded = service::Rulebook::load(TRIBUTARY_SOURCE_DIR "/config/service_rules.yaml", problems);
        if (!loaded) std::abort();
        return std::move(*loaded);
    }();
    std::string_view text(reinterpret_cast<const char*>(data), size);
    if (service::text_of_html(text).size() > 8 * size + 8) std::abort();
    for (auto format : {"plain", "html"}) {
        value::Builder out;
        out.begin_object().key("kind").text("email").key("body_format").text(format).key("body").text(text);
        auto message = out.key("subject").text(text.substr(0, size / 2)).end().take();
        auto judgement = book.judge("fuzz", message.root());
        if (!judgement.verdict()) continue;
        service::CaseMessage words{"m", {}, Timestamp{}, message.root(), true};
        auto opened = service::open_case(book, judgement, words, "C-00000-00000");
        (void)service::follow_up(book, opened.root(), judgement, words);
    }
    return 0;
}
