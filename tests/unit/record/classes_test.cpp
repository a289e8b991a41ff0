#include "gateway/record/classes.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::record;

namespace {

Model shipped_model() {
    spec::Problems problems;
    return *load_model(TRIBUTARY_SOURCE_DIR "/mappings/canonical", {}, problems);
}

value::Document json(std::string_view text) {
    return value::parse_json(text).value();
}
auto hash(std::string_view text) {
    return canonical_hash(json(text).root());
}

}  // namespace

TEST_CASE("clear and personal fields part, and come together again", "[classes]") {
    const auto model = shipped_model();
    struct Case {
        std::string entity, record, clear, personal;
    };
    const Case cases[] = {
        {"product", R"({"sku":"a","name":"b"})", R"({"sku":"a","name":"b"})", ""},
        {"contact", R"({"name":{"given":"Ada"},"language":"de"})", R"({"language":"de"})",
         R"({"name":{"given":"Ada"}})"},
        {"contact", R"({})", R"({})", ""},
        {"order", R"({"number":"1","note":"n","total":{"minor":1,"currency":"EUR"}})",
         R"({"number":"1","total":{"minor":1,"currency":"EUR"}})", R"({"note":"n"})"},
        // a list whose elements have both classes is split element by element
        {"case", R"({"history":[{"to":"open","note":"x"},{"to":"closed"},{"note":"y"},{}]})",
         R"({"history":[{"to":"open"},{"to":"closed"},{},{}]})", R"({"history":[{"note":"x"},{},{"note":"y"},{}]})"},
        {"case", R"({"history":[]})", R"({"history":[]})", R"({"history":[]})"},
        {"order", R"({"payments":[{"method":"card","card":{"last4":"1111"}},7,null]})",
         R"({"payments":[{"method":"card"},null,null]})", R"({"payments":[{"card":{"last4":"1111"}},7,null]})"},
        // what the model does not know is personal
        {"product", R"({"name":"b","secret":{"x":1}})", R"({"name":"b"})", R"({"secret":{"x":1}})"},
        {"case", R"({"history":"not a list","ext":{"a":null}})", R"({})",
         R"({"history":"not a list","ext":{"a":null}})"},
    };
    for (const auto& each : cases) {
        INFO(each.record);
        const auto record = json(each.record);
        const auto parts = split(*model.entity(each.entity), record.root());
        CHECK(parts.clear == each.clear);
        CHECK(parts.personal == each.personal);
        const auto joined = join(parts.clear, parts.personal);
        REQUIRE(joined);
        CHECK(canonical_hash(joined->root()) == canonical_hash(record.root()));
    }
}

TEST_CASE("no personal value of a full contact is left in its clear part", "[classes][req21]") {
    const auto model = shipped_model();
    const auto record = json(R"({"name":{"full":"SECRET"},"emails":[{"address":"SECRET","norm":"SECRET"}],
        "phones":[{"raw":"SECRET"}],"addresses":[{"city":"SECRET","country":"DE","latitude":"1"}],"birth_date":"SECRET",
        "gov_ids":[{"scheme":"x","value":"SECRET"}],"status":"active","custom":{"unknown":"SECRET"},"ext":{"a":"SECRET"},
        "tags":["vip"],"source":{"external_id":"7"}})");
    const auto parts = split(*model.entity("contact"), record.root());
    CHECK_THAT(parts.clear, !Catch::Contains("SECRET"));
    CHECK_THAT(parts.clear, Catch::Contains("vip") && Catch::Contains("active") && Catch::Contains("7"));
}

TEST_CASE("a broken part is an error", "[classes]") {
    CHECK_FALSE(join("{", ""));
    CHECK_FALSE(join("{}", "{"));
    CHECK(value::to_json(join("", "")->root()) == "{}");
}

TEST_CASE("the canonical hash does not see the order of keys or nulls, and sees all else", "[classes]") {
    CHECK(hash(R"({"a":1,"b":{"c":2,"d":[1,2]}})") == hash(R"({"b":{"d":[1,2],"c":2},"a":1})"));
    CHECK(hash(R"({"a":1,"b":null})") == hash(R"({"a":1})"));
    CHECK(hash(R"({"a":[1,2]})") != hash(R"({"a":[2,1]})"));
    CHECK(hash(R"({"a":[1,null]})") != hash(R"({"a":[1]})"));
    CHECK(hash(R"({"a":1})") != hash(R"({"a":"1"})"));
    CHECK(hash(R"({"a":1.5})") != hash(R"({"a":"1.5"})"));
    CHECK(hash(R"({"a":true})") != hash(R"({"a":false})"));
    CHECK(hash(R"({"ab":"c"})") != hash(R"({"a":"bc"})"));
    CHECK(hash(R"({"a":{"b":1}})") != hash(R"({"a":{},"b":1})"));
    CHECK(hash("[[],[]]") != hash("[[[]]]"));
    std::string many = "{", reversed = "{";
    for (int i = 0; i < 200; ++i) {
        many += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
        reversed += (i ? ",\"k" : "\"k") + std::to_string(199 - i) + "\":" + std::to_string(199 - i);
    }
    CHECK(hash(many + "}") == hash(reversed + "}"));
}
