// Answers of a system and bodies of webhooks, byte for byte as they come, through everything that reads them.
#include <filesystem>
#include <string_view>

#include "gateway/connector/declarative/hook.hpp"
#include "gateway/connector/declarative/paginate.hpp"
#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

const Definition& definition() {
    static const auto out = [] {
        spec::Problems problems;
        return spec::load_text<Definition>(R"(
base_url: https://api.example.com
answer: { skip_before_json: true }
throttle: [ { body: wait, unit: seconds }, { body: until, unit: timestamp } ]
errors: [ { when: { body: [ { path: "error[0]", matches: "^a+$" }, { path: code, above_zero: true } ] }, fault: rate_limited, code: code } ]
streams:
  token: { request: { path: / }, records: items, key: "{record.kind}-{record.id}", cursor: { field: [m, c], parameter: p }, pages: { type: token, at: next, total: total, complete: true } }
  url: { request: { path: / }, records: { at: items, element: node }, key: id, cursor: { field: m, parameter: p, format: tagged }, pages: { type: next_url, at: next, delta: delta } }
  offset: { request: { path: / }, records: { at: items, columns: [id, m] }, key: id, cursor: { field: m, parameter: p, format: "%Y-%m-%d %H:%M:%S.%f" }, pages: { type: offset, total: total, next: next } }
  keyset: { request: { path: / }, records: ".", key: id, cursor: { field: m, parameter: p, format: unix }, pages: { type: keyset, field: id, highest: true, add: 1 } }
webhooks: { verify: { type: none, because: test }, delivery_id: d, topic: t, split: { records: items, topic: t } }
)",
                                           "fuzz.yaml", problems)
            .value();
    }();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto answer = read_answer({.status = 200, .headers = {}, .body = text, .url = "https://api.example.com/"},
                                    definition().answer);
    std::ignore = judge(answer, definition().errors, Timestamp{});
    for (const auto& [name, stream] : definition().streams) {
        const auto records = stream.records.read(answer);
        if (!records) continue;
        PageFacts facts{answer, {}, {}};
        std::string high;
        for (const auto& record : *records) {
            facts.records.push_back(record.root());
            const auto at = cursor_value(*stream.cursor, record.root());
            if (at && *at && cursor_before(*stream.cursor, high, **at)) high = **at;
        }
        const Pager pager(stream.pages);
        Progress progress;
        begin(progress, &*stream.cursor, pager, Timestamp{});
        const auto turn = pager.after(*progress.page, facts);
        if (!turn || !advance(progress, &*stream.cursor, *turn, high, pager)) continue;
        // A saved cursor reads back as what it was.
        if (Progress::read(progress.write()).value().write() != progress.write()) __builtin_trap();
    }
    std::ignore = Progress::read(text);
    static crypto::SeededRandom random(1);
    static const DeclarativeHook hook(definition(), {}, {}, random);
    std::ignore = hook.decode("t", text);
    return 0;
}
