#include "gateway/value/document.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::value;

namespace {

Document parsed(std::string_view text) {
    auto document = parse_json(text);
    REQUIRE(document);
    return std::move(*document);
}

}  // namespace

TEST_CASE("a missing node answers every question", "[document]") {
    const Node missing;
    CHECK(missing.kind() == Kind::missing);
    CHECK(!missing);
    CHECK(!missing.boolean());
    CHECK(missing.integer() == 0);
    CHECK(missing.text().empty());
    CHECK(missing.scalar_text().empty());
    CHECK(missing.size() == 0);
    CHECK(missing.key().empty());
    CHECK(missing.find("a").kind() == Kind::missing);
    CHECK(missing.at(0).kind() == Kind::missing);
    CHECK(missing.at_path("a.b[0]").kind() == Kind::missing);
    CHECK(missing.begin() == missing.end());
    CHECK(Document().root().kind() == Kind::missing);
}

TEST_CASE("each kind gives its own value and nothing for the other questions", "[document]") {
    const auto document = parsed(R"({"n":null,"b":true,"i":-7,"d":12.50,"t":"x","a":[1,2],"o":{"k":"v"}})");
    const auto root = document.root();
    CHECK(root.size() == 7);
    CHECK(!root.find("n"));
    CHECK(root.find("n").is(Kind::null));
    CHECK(root.find("b").boolean());
    CHECK(root.find("i").integer() == -7);
    CHECK(root.find("i").text().empty());
    CHECK(root.find("d").text() == "12.50");
    CHECK(root.find("d").integer() == 0);
    CHECK(root.find("t").text() == "x");
    CHECK(root.find("a").at(1).integer() == 2);
    CHECK(root.find("a").at(2).kind() == Kind::missing);
    CHECK(root.find("a").find("k").kind() == Kind::missing);
    CHECK(root.find("o").find("k").key() == "k");
    CHECK(root.find("b").scalar_text() == "true");
    CHECK(root.find("i").scalar_text() == "-7");
    CHECK(root.find("d").scalar_text() == "12.50");
    CHECK(root.find("a").scalar_text().empty());
    CHECK(root.find("t").begin() == root.find("t").end());
}

TEST_CASE("iteration visits children only, in their order", "[document]") {
    const auto document = parsed(R"({"a":{"x":[1,[2]]},"b":[],"c":3})");
    std::string keys;
    for (auto child : document.root()) keys += child.key();
    CHECK(keys == "abc");
}

TEST_CASE("a path follows keys and indexes", "[document]") {
    const auto document = parsed(R"({"customer":{"emails":[{"address":"a@example.com"},[10,20]]}})");
    const auto root = document.root();
    CHECK(root.at_path("customer.emails[0].address").text() == "a@example.com");
    CHECK(root.at_path("customer.emails[1][1]").integer() == 20);
    CHECK(root.at_path("").index() == root.index());
    for (const auto* absent : {"customer.phone", "customer.emails[2]", "customer.emails[-1]", "customer.emails[x]",
                               "customer.emails[0", "customer.", ".customer", "customer..emails", "customer[0]",
                               "customer.emails[0]address", "customer.emails.address"}) {
        INFO(absent);
        CHECK(root.at_path(absent).kind() == Kind::missing);
    }
}

TEST_CASE("a builder makes what it is told and is empty after take", "[document]") {
    Builder builder;
    builder.begin_object().key("a").begin_array().integer(1).number("2").number("2.0").number("-0").end();
    builder.key("t").text("x").key("n").null().key("b").boolean(false).key("").begin_object().end();
    CHECK(!builder.complete());
    builder.end();
    REQUIRE(builder.complete());
    const auto document = builder.take();
    CHECK(to_json(document.root()) == R"({"a":[1,2,2.0,-0],"t":"x","n":null,"b":false,"":{}})");
    CHECK(document.root().find("a").at(1).is(Kind::integer));
    CHECK(document.root().find("a").at(3).is(Kind::decimal));
    CHECK(!builder.complete());
    CHECK(to_json(builder.text("again").take().root()) == "\"again\"");
}

TEST_CASE("a copied subtree takes the new key and keeps everything below", "[document]") {
    const auto source = parsed(R"({"old":{"x":[1,{"y":"z","d":1.10}],"e":""},"after":true})");
    Builder builder;
    builder.begin_array().null().begin_object();
    builder.key("new")
        .copy(source.root().find("old"))
        .key("gone")
        .copy(Node{})
        .key("s")
        .copy(source.root().find("after"));
    const auto document = builder.end().end().take();
    CHECK(to_json(document.root()) == R"([null,{"new":{"x":[1,{"y":"z","d":1.10}],"e":""},"gone":null,"s":true}])");
    CHECK(document.root().at(1).size() == 3);
    CHECK(document.root().at(1).at(2).key() == "s");
}
