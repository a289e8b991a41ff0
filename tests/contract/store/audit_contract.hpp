// The audit log.
#pragma once

#include <vector>

#include "gateway/crypto/digest.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_audit(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto append = [&](std::vector<std::string> entries) {
        return write(*store, [&](Session& s) { return s.audit().append(entries); });
    };
    const auto entries = [&](std::int64_t after, std::size_t limit) {
        return read(*store, [&](ReadSession& s) { return s.audit().read(after, limit); });
    };

    SECTION("entries are chained without gaps, over rollbacks and restarts") {
        CHECK(append({"one", "two"}) == 1);
        failure(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.audit().append(std::vector<std::string>{"undone"}));
            return fail(Fault::conflict, "changed my mind");
        });
        CHECK(append({"three"}) == 3);
        store.reset();
        store = engine.open();
        CHECK(append({"four"}) == 4);
        audit::Hash chain{};
        std::int64_t seq = 0;
        for (const auto& entry : entries(0, 100)) {
            CHECK(entry.seq == ++seq);
            CHECK(entry.leaf == audit::leaf_hash(entry.bytes));
            CHECK(entry.chain == audit::chain_hash(chain, entry.leaf));
            chain = entry.chain;
        }
        CHECK(seq == 4);
        const auto rows = entries(1, 2);
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].bytes == "two");
        CHECK(read(*store, [](ReadSession& s) { return s.audit().last(); })->seq == 4);
    }
    SECTION("the hashes are those of the documented form") {
        append({"abc"});
        const auto row = read(*store, [](ReadSession& s) { return s.audit().last(); });
        REQUIRE(row);
        const auto leaf = crypto::sha256(std::string("\0abc", 4));
        CHECK(row->leaf == leaf);
        CHECK(row->chain == crypto::sha256(std::string(1, '\x01') + std::string(32, '\0') + leaf.text()));
    }
    SECTION("an entry that is too long is refused whole") {
        failure(*store, [](Session& s) {
            return s.audit().append(std::vector<std::string>{"short", std::string(audit::kLongestEntry + 1, 'x')});
        });
        CHECK(append({"one"}) == 1);
    }
    SECTION("checkpoints come in order of size, one of each") {
        const auto put = [&](std::uint64_t size, const std::string& note) {
            write(*store, [&](Session& s) {
                return s.audit().put_checkpoint(
                    {size, Timestamp{std::chrono::seconds(9)}, std::string("\0p", 2), note});
            });
        };
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.audit().last_checkpoint(); }));
        put(9, "nine");
        put(5, "five");
        put(9, "again");
        const auto all = read(*store, [](ReadSession& s) { return s.audit().checkpoints(0, 10); });
        REQUIRE(all.size() == 2);
        CHECK(all[0].note == "five");
        CHECK(all[1].note == "nine");
        CHECK(read(*store, [](ReadSession& s) { return s.audit().checkpoints(5, 10); }).size() == 1);
        const auto last = read(*store, [](ReadSession& s) { return s.audit().last_checkpoint(); });
        REQUIRE(last);
        CHECK(last->size == 9);
        CHECK(last->at == Timestamp{std::chrono::seconds(9)});
        CHECK(last->parts == std::string("\0p", 2));
    }
    SECTION("no act without its entry") {
        failure(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.audit().append(std::vector<std::string>{"consent recorded"}));
            return s.jobs().update({.id = 4711});
        });
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.audit().last(); }));
    }
}

}  // namespace tributary::contract
