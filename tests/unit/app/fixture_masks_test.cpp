#include "gateway/app/fixture_masks.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::app;

namespace {

std::string masked(FixtureMasks& masks, std::string_view json) {
    return value::to_json(masks.masked(value::parse_json(json).value().root()).root());
}

}  // namespace

TEST_CASE("what is personal is replaced, in a form that reads as it did", "[fixtures]") {
    FixtureMasks masks;
    CHECK(masked(masks, R"({"mail":"anna@example.com","again":"anna@example.com","phone":"+49 170 1234567"})") ==
          R"({"mail":"person1@example.com","again":"person1@example.com","phone":"+49 170 0000002"})");
    CHECK(masked(
              masks,
              R"({"nachname":"Berg","birthday":"1971-03-04","text":"call me, Anna","link":"https://a.example/x y"})") ==
          R"({"nachname":"Name 3","birthday":"1980-01-01","text":"Name 5","link":"https://example.com/6"})");
    CHECK(masked(masks, R"([{"first_name":"anna"},{"user_id":123456789}])") ==
          R"([{"first_name":"Name 7"},{"user_id":1008}])");
}

TEST_CASE("names in small letters and passwords that read like codes go by their keys", "[fixtures]") {
    FixtureMasks masks;
    const auto out = masked(
        masks,
        R"({"first":"anna","nick":"annab","owner":"anna.berg","login":"anna_b","dob":"1980-05-05","pw":"open","given":"anna"})");
    for (const auto* value : {"anna", "annab", "anna.berg", "anna_b", "1980-05-05", "open"})
        CHECK_FALSE(out.contains(value));
}

TEST_CASE("what is technical stays", "[fixtures]") {
    FixtureMasks masks;
    const std::string technical =
        R"({"id":7,"key":"cus_10957361","state":"in_progress","currency":"EUR","locale":"de-DE","at":"2026-01-05T10:00:00+01:00","total":"12.50","open":true,"none":null,"uuid":"0b5c9a1e-7d2f-4f7e-9a57-1f5f0c6a2b11"})";
    CHECK(masked(masks, technical) == technical);
    CHECK_FALSE(reads_technical("Anna"));
    CHECK_FALSE(reads_technical("Anna Berg"));
    CHECK_FALSE(reads_technical("anna@example.com"));
}

TEST_CASE("the mapping's fields decide before the form does", "[fixtures]") {
    mapping::Trace trace;
    trace.add({.target = "code", .source = "items[0].code"});  // without a model every field is personal
    FixtureMasks masks;
    masks.learn(trace, nullptr);
    CHECK(masked(masks, R"({"data":[{"items":[{"code":"paid"}],"code":"paid"}]})") ==
          R"({"data":[{"items":[{"code":"Name 1"}],"code":"paid"}]})");
}

TEST_CASE("credentials and tokens never stay", "[fixtures]") {
    FixtureMasks masks;
    masks.secret("s3cr3t", "fixture-key");
    CHECK(masks.masked_text("https://a.example/?key=s3cr3t&x=1") == "https://a.example/?key=fixture-key&x=1");
    CHECK_FALSE(masks.saw_token());
    CHECK(masked(masks, R"({"echo":"s3cr3t","access_token":"eyJ0"})") ==
          R"({"echo":"fixture-key","access_token":"fixture-access_token"})");
    CHECK(masks.saw_token());
}
