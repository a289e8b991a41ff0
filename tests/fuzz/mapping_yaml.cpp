// A mapping file of any content: compiled, and when it compiles, run over a record and over nothing.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "gateway/mapping/compile.hpp"
#include "gateway/mapping/tests.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace tributary;
    static const auto model = [] {
        spec::Problems problems;
        auto loaded = record::load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", "", problems);
        if (!loaded) abort();
        return std::move(*loaded);
    }();
    static const auto sample =
        value::parse_json(
            R"({"name":"#1","id":7,"at":"2026-01-05T10:00:00Z","currency":"EUR","price":"1.50","a":{"b":[1,{"c":"x"}]},"items":[{"sku":"A","n":1},null]})")
            .value();
    spec::Problems problems;
    const auto plan = mapping::compile_text({reinterpret_cast<const char*>(bytes), size}, "fuzz", model, {}, problems);
    if ((plan == nullptr) == problems.ok()) abort();  // a plan exactly when there is no problem
    if (!plan) {
        if (problems.text().empty()) abort();
        return 0;
    }
    mapping::Scratch scratch;
    const value::Document nothing = value::Builder().begin_object().end().take();
    for (const auto* record : {&sample, &nothing})
        for (const auto& made : plan->run(record->root(), scratch).records)
            if (made.document.empty()) abort();
    std::ignore = mapping::run_tests(*plan, scratch);  // whether they pass is not the question
    return 0;
}
