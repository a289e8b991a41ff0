// What a connector keeps whichever engine runs it: YAML, built in, a shared library, a Singer program. The
// conversations of contract_test.cpp say the same of what goes over HTTP, and more.
#pragma once

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::contract {

inline std::vector<std::string> keys_of(const connector::Page& page) {
    std::vector<std::string> keys;
    for (const auto& record : page.records) keys.push_back(record.external_id);
    return keys;
}

// Reads a stream that stands still to its end: each page is pulled twice and gives the same records and the same
// cursor, no key is empty, and the last page comes. The keys, in order.
inline std::vector<std::string> read_to_the_end(run::Loop& loop, connector::Connector& connector,
                                                const std::string& stream) {
    constexpr int kMostPages = 100;
    std::vector<std::string> all;
    REQUIRE(connector.source());
    connector::Cursor cursor;
    for (int pages = 0; pages < kMostPages; ++pages) {
        const auto page = run::run_blocking(loop, connector.source()->pull(stream, cursor));
        if (!page) FAIL(page.error().text());
        const auto again = run::run_blocking(loop, connector.source()->pull(stream, cursor));
        if (!again) FAIL(again.error().text());
        CHECK(keys_of(*again) == keys_of(*page));
        CHECK(again->cursor.json == page->cursor.json);
        CHECK(again->last == page->last);
        for (const auto& key : keys_of(*page)) {
            CHECK_FALSE(key.empty());
            all.push_back(key);
        }
        if (page->last) return all;
        CHECK(page->cursor.json != cursor.json);
        cursor = page->cursor;
    }
    FAIL("no last page");
    return all;
}

// What waited too long is not sent, and nobody has to ask whether it arrived. Whoever calls this sees that the
// destination has nothing.
inline void refuse_late(run::Loop& loop, connector::Connector& connector, const std::string& action,
                        std::vector<connector::Push> items) {
    const FakeClock clock;
    for (auto& item : items) item.hold = std::make_shared<run::Hold>(clock, clock.steady());
    const auto count = items.size();
    const auto outcomes = run::run_blocking(loop, connector.sink()->push(action, std::move(items)));
    REQUIRE(outcomes.size() == count);
    for (const auto& outcome : outcomes) {
        REQUIRE_FALSE(outcome.result);
        CHECK(outcome.result.error().fault == Fault::transient);
        CHECK(outcome.result.error().what == run::Hold::kTooLate);
        CHECK_FALSE(outcome.ambiguous);
    }
}

// As many outcomes as items, and no error that holds one of `secrets`.
inline std::vector<connector::Sink::Outcome> push_all(run::Loop& loop, connector::Connector& connector,
                                                      const std::string& action, std::vector<connector::Push> items,
                                                      const std::set<std::string>& secrets) {
    REQUIRE(connector.sink());
    CHECK(connector.sink()->batch_limit(action) >= 1);
    const auto count = items.size();
    refuse_late(loop, connector, action, items);
    auto outcomes = run::run_blocking(loop, connector.sink()->push(action, std::move(items)));
    REQUIRE(outcomes.size() == count);
    for (const auto& outcome : outcomes)
        for (const auto& secret : secrets)
            if (!outcome.result) CHECK_FALSE(outcome.result.error().text().contains(secret));
    return outcomes;
}

// A stream or an action that is not there is the operator's matter, and its error names it.
inline void refuse_unknown(run::Loop& loop, connector::Connector& connector) {
    if (auto* source = connector.source()) {
        const auto page = run::run_blocking(loop, source->pull("no-such-stream", {}));
        REQUIRE_FALSE(page);
        CHECK(page.error().fault == Fault::bad_config);
        CHECK(page.error().text().contains("no-such-stream"));
    }
}

}  // namespace tributary::contract
