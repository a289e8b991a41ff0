#include "gateway/api/route.hpp"

#include <catch2/catch.hpp>

#include "gateway/api/open_api.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::api;
using access::Permission;

namespace {

const std::vector<OperationInfo> kOperations{
    {"letters.list",
     Permission::queue_read,
     {field::text("stage"), field::integer("after"), field::integer("limit"), field::flag("redriven")},
     {field::list("letters", {field::integer("id"), field::time("at").or_empty(),
                              field::one_of("stage", {"map", "push"}), field::list_of("records", field::uid(""))})}},
    {"letters.show", Permission::queue_read, {field::integer("id").needed(), field::flag("payload")}, {}},
    {"letters.drop", Permission::queue_change, {field::integer("id").needed(), field::texts("why")}, {}, Persons::two},
};
const std::vector<Route> kRoutes{
    serves("GET", "/v1/letters", "letters.list", "list"),
    serves("GET", "/v1/letters/{id}", "letters.show", "show"),
    serves("POST", "/v1/letters/{id}/drop", "letters.drop", "drop"),
    serves("GET", "/v1/letters/newest", "letters.list", "written out"),
    {.method = "GET", .path = "/healthz", .guard = Guard::open, .about = "health"},
};

// The arguments as JSON, or the error as text.
std::string bound(std::string_view method, std::string_view path, std::string_view query = "",
                  std::string_view body = "") {
    const auto matched = match(kRoutes, method, path);
    if (!matched) return matched.error().text();
    for (const auto& operation : kOperations) {
        if (operation.name != matched->route->operation) continue;
        const auto arguments = bind_arguments(operation, *matched, query, body);
        if (!arguments) return arguments.error().text();
        if (auto checked = check_arguments(operation.takes, arguments->root()); !checked) return checked.error().text();
        return value::to_json(arguments->root());
    }
    return "no operation";
}

std::string told(std::vector<Route> routes, std::vector<OperationInfo> operations = kOperations) {
    const auto outcome = check_routes(routes, operations);
    return outcome ? "" : outcome.error().text();
}

}  // namespace

TEST_CASE("requirement 1: a table with an undeclared route is refused", "[api]") {
    CHECK(told(kRoutes) == "");
    auto routes = kRoutes;
    routes.push_back({.method = "GET", .path = "/debug"});
    CHECK(told(routes) == "route GET /debug: declares no permission");
    routes.back() = serves("GET", "/debug", "debug.dump", "");
    CHECK(told(routes).contains("no known operation: debug.dump"));
    routes.back() = serves("GET", "/v1/letters/{uid}/x", "letters.show", "");
    CHECK(told(routes).contains("no argument of its operation: {uid}"));
    routes.back() = serves("GET", "/v1/letters/{other}", "letters.show", "");
    CHECK(told(routes).contains("is declared twice"));
    auto operations = kOperations;
    operations.push_back(kOperations.front());
    CHECK(told(kRoutes, operations).contains("operation letters.list: is declared twice"));
}

TEST_CASE("a request finds its route, and is told what a path takes", "[api]") {
    CHECK(match(kRoutes, "GET", "/v1/letters/7").value().names.at("id") == "7");
    CHECK(match(kRoutes, "GET", "/v1/letters/a%2Fb").value().names.at("id") == "a/b");
    CHECK(match(kRoutes, "GET", "/v1/letters/newest").value().route->operation == "letters.list");
    CHECK(match(kRoutes, "DELETE", "/v1/letters/7").error().what == "this path takes GET");
    for (auto path : {"", "/", "/v1/letters/", "/v1/letters/7/", "/v1//letters", "/v1/letters/%zz", "/v1/letters/%ff",
                      "/V1/letters"})
        CHECK(match(kRoutes, "GET", path).error().fault == Fault::not_found);
}

TEST_CASE("requirement 3: arguments come from path, query or body, and unknown ones are refused", "[api]") {
    CHECK(bound("GET", "/v1/letters", "stage=map&redriven=true&limit=500") ==
          R"({"stage":"map","redriven":true,"limit":500})");
    CHECK(bound("GET", "/v1/letters/7", "payload=true") == R"({"id":7,"payload":true})");
    CHECK(bound("POST", "/v1/letters/7/drop", "", R"({"why":["a"]})") == R"({"id":7,"why":["a"]})");
    CHECK(bound("GET", "/v1/letters", "stag=map") == "argument stag: is unknown: did you mean stage?");
    CHECK(bound("GET", "/v1/letters", "after=7") == "argument after: is unknown");
    CHECK(bound("GET", "/v1/letters", "limit=501") == "argument limit: takes 1 to 500");
    CHECK(bound("GET", "/v1/letters", "limit=0") == "argument limit: takes 1 to 500");
    CHECK(bound("GET", "/v1/letters", "redriven=yes") == "argument redriven: takes true or false");
    CHECK(bound("GET", "/v1/letters", "stage=a&stage=b") == "argument stage: is said twice");
    CHECK(bound("GET", "/v1/letters/x") == "argument id: takes a whole number");
    CHECK(bound("GET", "/v1/letters/7", "id=8") == "argument id: is said twice");
    CHECK(bound("GET", "/v1/letters/7", "", "{}") == "body: GET and DELETE take no body");
    CHECK(bound("POST", "/v1/letters/7/drop", "", R"({"id":8})") == "argument id: is said twice");
    CHECK(bound("POST", "/v1/letters/7/drop", "why=a") == "query: arguments stand in the body");
    CHECK(bound("POST", "/v1/letters/7/drop", "", R"({"why":"a"})") == "argument why: takes a list of texts");
    CHECK(bound("POST", "/v1/letters/7/drop", "", R"({"why":["a",1]})") == "argument why: takes a list of texts");
    CHECK(bound("POST", "/v1/letters/7/drop", "", "[]") == "body: takes a JSON object");
    CHECK(bound("POST", "/v1/letters/7/drop", "", R"({"why":[],"why":[]})").starts_with("body: "));
    std::string deep = R"({"why":)" + std::string(70, '[') + std::string(70, ']') + "}";
    CHECK(bound("POST", "/v1/letters/7/drop", "", deep).starts_with("body: "));
    CHECK(check_arguments(kOperations[1].takes, value::parse_json("{}")->root()).error().text() ==
          "argument id: is needed");
    CHECK(check_arguments(kOperations[1].takes, value::parse_json("[]")->root()).error().fault == Fault::bad_input);
    CHECK(check_arguments(kOperations[0].takes, value::parse_json(R"({"limit":-1})")->root()).error().where ==
          "argument limit");
}

TEST_CASE("a cursor goes on in its own list alone", "[api]") {
    const auto page = with_cursor("letters.list", value::parse_json(R"({"letters":[1],"next":42})").value());
    const std::string cursor(page.root().find("next").text());
    CHECK_FALSE(cursor.contains("42"));
    CHECK(bound("GET", "/v1/letters", "cursor=" + cursor) == R"({"after":42})");
    CHECK(bound("GET", "/v1/letters", "cursor=" + cursor + "&limit=2") == R"({"after":42,"limit":2})");
    const auto other = write_cursor("other.list", value::parse_json("42")->root());
    for (const auto& wrong : {other, std::string("x"), cursor.substr(2), cursor + "AAAA"})
        CHECK(bound("GET", "/v1/letters", "cursor=" + wrong).starts_with("argument cursor: "));
    const auto last = with_cursor("letters.list", value::parse_json(R"({"letters":[]})").value());
    CHECK(value::to_json(last.root()) == R"({"letters":[]})");
}

TEST_CASE("requirement 30: OpenAPI holds the routes that are served, and no other", "[api]") {
    const auto document = value::parse_json(open_api(kRoutes, kOperations)).value();
    std::size_t served = 0;
    for (const auto path : document.root().find("paths")) served += path.size();
    CHECK(served == kRoutes.size());
    const auto drop = document.root().find("paths").find("/v1/letters/{id}/drop").find("post");
    CHECK(drop.find("x-permission").text() == "queue.change");
    CHECK(drop.find("responses").find("202"));
    CHECK(drop.at_path("requestBody.content").find("application/json").find("schema").find("properties").size() == 1);
    CHECK(document.root().find("paths").find("/healthz").find("get").find("security").size() == 0);
    const auto list = document.root().find("paths").find("/v1/letters").find("get").find("responses").find("200");
    const auto letters = list.find("content").find("application/json").at_path("schema.properties.letters");
    CHECK(value::to_json(letters) ==
          R"({"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},)"
          R"("at":{"type":"string","anyOf":[{"format":"date-time"},{"const":""}]},)"
          R"("stage":{"type":"string","enum":["map","push"]},)"
          R"("records":{"type":"array","items":{"type":"string","format":"uuid"}}},"additionalProperties":false}})");
    const auto table = route_table(kRoutes, kOperations);
    CHECK(table.contains("| `POST /v1/letters/{id}/drop` | queue.change | drop; takes two persons |"));
}
