#include "gateway/api/problem.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::api;

TEST_CASE("requirement 26: what names hosts, SQL or files is told to the local operator alone", "[api]") {
    for (auto fault : {Fault::internal, Fault::transient, Fault::bad_config}) {
        const Error error{fault, "SQL: no such table at db7.acme.example", "/srv/data/tributary.db"};
        const auto told = problem(error, "7f", Reader::other);
        for (auto secret : {"SQL", "acme", "/srv"}) CHECK_FALSE(told.body.contains(secret));
        CHECK(told.body.contains(R"("request_id":"7f")"));
        CHECK(problem(error, "7f", Reader::local).body.contains("db7.acme.example"));
    }
    const auto told = problem({Fault::bad_input, "takes text", "argument name"}, "7f", Reader::other);
    CHECK(told.status == 400);
    CHECK(value::parse_json(told.body)->root().find("where").text() == "argument name");
    CHECK(*told.header("Content-Type") == "application/problem+json");
    CHECK(problem({Fault::unauthorized, "x", ""}, "1", Reader::other).header("WWW-Authenticate"));
}
