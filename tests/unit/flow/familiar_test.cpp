// What a source sends again, byte for byte, is not mapped again; and never at the price of a change.
#include <catch2/catch.hpp>

#include "gateway/flow/process.hpp"
#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

constexpr auto kKnownAnn = R"({"id":"1","name":"Ann Lee"})";
constexpr auto kAnnRay = R"({"id":"1","name":"Ann Ray"})";

// A page of a sync: its records commit with a checkpoint.
Batch page(std::initializer_list<std::pair<const char*, const char*>> records) {
    Batch batch;
    batch.connection = "shop";
    for (const auto& [id, json] : records) batch.records.push_back({"people", {id, json, false}, {}});
    batch.checkpoint = store::Checkpoint{"shop", "people", "1", "{}", Timestamp{}};
    return batch;
}

BatchResult commit(WorldFixture& f, Batch batch, Prepared prepared) {
    auto result = f.process->commit(std::move(batch), std::move(prepared));
    INFO((result ? "" : result.error().text()));
    REQUIRE(result.has_value());
    return *result;
}

BatchResult sync(WorldFixture& f, std::initializer_list<std::pair<const char*, const char*>> records) {
    auto batch = page(records);
    auto prepared = f.process->prepare(batch);
    return commit(f, std::move(batch), std::move(prepared));
}

store::Digest form_of(WorldFixture& f, const char* id) {
    const std::vector uids{f.uid("shop", id)};
    return f.read<store::Digest>([&](store::ReadSession& session) -> Result<store::Digest> {
        TRY(auto rows, session.records().load(uids));
        if (!rows[0]) return fail(Fault::not_found, "no such record");
        return rows[0]->header.hash;
    });
}

}  // namespace

TEST_CASE("a page that was read before is not mapped again", "[process][familiar]") {
    WorldFixture f;
    CHECK(sync(f, {{"1", kKnownAnn}, {"2", R"({"name":"Bo"})"}}).changed == 2);
    auto batch = page({{"1", kKnownAnn}, {"2", R"({"name":"Bo"})"}, {"3", R"({"name":"Cy"})"}});
    auto prepared = f.process->prepare(batch);
    CHECK(prepared.familiar.size() == 2);
    CHECK(prepared.records.size() == 1);
    auto again = commit(f, std::move(batch), std::move(prepared));
    CHECK(again.records == 3);
    CHECK(again.unchanged == 2);
    CHECK(again.changed == 1);
}

TEST_CASE("what changed while the page was on its way is mapped after all", "[process][familiar]") {
    WorldFixture f;
    sync(f, {{"1", kKnownAnn}});
    const auto ann = form_of(f, "1");
    auto batch = page({{"1", kKnownAnn}});
    auto prepared = f.process->prepare(batch);
    REQUIRE(prepared.familiar.size() == 1);
    f.take("shop", "1", kAnnRay);
    REQUIRE(form_of(f, "1") != ann);
    CHECK(commit(f, std::move(batch), std::move(prepared)).changed == 1);
    CHECK(form_of(f, "1") == ann);
}

TEST_CASE("a change and its way back in one page end with the last form", "[process][familiar]") {
    WorldFixture f;
    sync(f, {{"1", kKnownAnn}});
    const auto ann = form_of(f, "1");
    sync(f, {{"1", kAnnRay}, {"1", kKnownAnn}});
    CHECK(form_of(f, "1") == ann);
    sync(f, {{"1", kKnownAnn}, {"1", kAnnRay}});
    CHECK(form_of(f, "1") != ann);
}

TEST_CASE("a deletion with the same bytes is a change", "[process][familiar]") {
    WorldFixture f;
    sync(f, {{"1", kKnownAnn}});
    auto batch = page({{"1", kKnownAnn}});
    batch.records.front().record.deleted = true;
    CHECK(f.process->prepare(batch).familiar.empty());
}

TEST_CASE("a new mapping maps everything once", "[process][familiar]") {
    WorldFixture f;
    sync(f, {{"1", kKnownAnn}});
    auto text = std::string(WorldFixture::kPeople);
    text += "check: { lua: \"return true\", message: never }\n";
    f.world->connections.at("shop").streams.at("people").plan = f.plan(text.c_str());
    auto batch = page({{"1", kKnownAnn}});
    auto prepared = f.process->prepare(batch);
    CHECK(prepared.familiar.empty());
    CHECK(commit(f, std::move(batch), std::move(prepared)).unchanged == 1);
    CHECK(f.process->prepare(page({{"1", kKnownAnn}})).familiar.size() == 1);
}
