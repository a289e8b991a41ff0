#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "connectors/data/file/file.hpp"
#include "connectors/data/file/put_sink.hpp"
#include "connectors/data/file/s3_answer.hpp"
#include "connectors/data/file/s3_signature.hpp"
#include "gateway/base/text.hpp"
#include "gateway/net/http_date.hpp"
#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using connectors::make_file;
using namespace connectors::file;

namespace {

// The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
std::string signature_of(net::HttpRequest request) {
    sign_s3(request, "examplebucket.s3.amazonaws.com",
            {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1"},
            *net::parse_rfc3339("2013-05-24T00:00:00Z"));
    const auto& header = *request.header("Authorization");
    return header.substr(header.find("Signature=") + 10);
}

// A bucket in memory, as S3 answers; `page` objects a list.
class Bucket final : public net::HttpClient {
  public:
    std::map<std::string, std::string> objects;
    std::string fails_with;  // an error's code
    std::size_t page = 2;
    int requests = 0;

    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override {
        ++requests;
        if (auto url = net::check_url(request.url, options.egress); !url)
            co_return std::unexpected(net::HttpFailure{url.error()});
        if (!request.header("Authorization")) co_return net::HttpResponse{.status = 403};
        co_return answer(request);
    }

  private:
    net::HttpResponse answer(const net::HttpRequest& request) {
        if (!fails_with.empty())
            return {.status = 403, .headers = {}, .body = "<Error><Code>" + fails_with + "</Code></Error>", .url = {}};
        const auto path = request.url.substr(std::string("https://s3.test/crm/").size());
        const auto key = path.substr(0, path.find('?'));
        if (request.method == "PUT") {
            objects[key] = request.body;
            return {};
        }
        if (key.empty()) return list(path);
        const auto found = objects.find(key);
        if (found == objects.end()) return {.status = 404};
        const auto tag = "\"" + std::to_string(std::hash<std::string>()(found->second)) + "\"";
        net::HttpResponse out{.headers = {{"ETag", tag}, {"Last-Modified", "Mon, 05 Jan 2026 10:00:00 GMT"}}};
        if (request.method == "HEAD") {
            out.headers.emplace_back("Content-Length", std::to_string(found->second.size()));
            return out;
        }
        if (*request.header("If-Match") != tag) return {.status = 412};
        unsigned long from = 0, to = 0;
        REQUIRE(std::sscanf(request.header("Range")->c_str(), "bytes=%lu-%lu", &from, &to) == 2);
        out.status = 206;
        out.body = found->second.substr(from, to - from + 1);
        return out;
    }

    net::HttpResponse list(const std::string& path) const {
        const auto token_at = path.find("continuation-token=");
        const auto after =
            token_at == path.npos
                ? ""
                : replace_all(path.substr(token_at + 19, path.find('&', token_at) - token_at - 19), "%2F", "/");
        std::string body = "<ListBucketResult><EncodingType>url</EncodingType>", last;
        std::size_t count = 0;
        bool more = false;
        for (const auto& [key, bytes] : objects) {
            if (!after.empty() && key <= after) continue;
            if ((more = count == page)) break;
            ++count;
            last = key;
            body += fmt::format(
                "<Contents><Key>{}</Key><LastModified>2026-01-05T10:00:00.000Z</LastModified>"
                "<ETag>&quot;{}&quot;</ETag><Size>{}</Size></Contents>",
                key, std::hash<std::string>()(bytes), bytes.size());
        }
        body += fmt::format("<IsTruncated>{}</IsTruncated>", more);
        if (more) body += "<NextContinuationToken>" + last + "</NextContinuationToken>";
        return {.headers = {}, .body = body + "</ListBucketResult>", .url = {}};
    }
};

struct Store : test::World {
    Bucket bucket;
    Store() {
        credentials = {{"access_key", "A"}, {"secret_key", "S"}};
        clock.set(*net::parse_rfc3339("2026-01-06T10:00:00Z"));
    }
    std::unique_ptr<connector::Connector> make(std::string_view more) {
        auto made = make_file(connector_setup(more));
        if (!made) FAIL(made.error().text());
        return std::move(*made);
    }
    connector::Setup connector_setup(std::string_view more) {
        auto base = setup(fmt::format(
            R"({{"location":{{"type":"s3","endpoint":"https://s3.test","bucket":"crm","path_style":true,"prefix":"exp"}},{}}})",
            more));
        return connector::Setup{.connection = std::move(base.connection),
                                .settings = std::move(base.settings),
                                .credential = std::move(base.credential),
                                .directory = base.directory,
                                .topics = {},
                                .budget_key = "test",
                                .network = {},
                                .http = bucket,
                                .timers = timers,
                                .blocking = pool,
                                .random = random,
                                .log = log};
    }
};

const char* const kStream = R"("streams":{"s":{"path":"in/*.csv","key":"id","page":2}})";

}  // namespace

TEST_CASE("AWS's own examples of signatures", "[s3]") {
    const std::string root = "https://examplebucket.s3.amazonaws.com/";
    CHECK(signature_of({"GET", root + "test.txt", {{"Range", "bytes=0-9"}}, ""}) ==
          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    CHECK(signature_of({"PUT",
                        root + "test%24file.text",
                        {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                        "Welcome to Amazon S3."}) ==
          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    CHECK(signature_of({"GET", root + "?lifecycle", {}, ""}) ==
          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    CHECK(signature_of({"GET", root + "?max-keys=2&prefix=J", {}, ""}) ==
          "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("objects of a bucket are read through all pages of its list, once", "[s3]") {
    Store store;
    std::string whole;
    for (int i = 0; i < 5; ++i) {
        store.bucket.objects[fmt::format("exp/in/f{}.csv", i)] = fmt::format("id\n{0}a\n{0}b\n{0}c\n", i);
        for (const char c : {'a', 'b', 'c'}) whole += fmt::format("{0}{1} {{\"id\":\"{0}{1}\"}}\n", i, c);
    }
    store.bucket.objects["exp/in/sub/f9.csv"] = "id\n9\n";
    store.bucket.objects["exp/in/%2E%2E.csv"] = "id\n8\n";
    store.bucket.objects.erase("exp/in/%2E%2E.csv");
    auto connector = store.make(kStream);
    connector::Cursor cursor;
    CHECK(test::pull_all(store, *connector, "s", cursor) == whole);
    store.bucket.requests = 0;
    CHECK(test::pull_all(store, *connector, "s", cursor).empty());
    CHECK(store.bucket.requests == 3);  // three pages of the list, and no object
    store.bucket.objects["exp/in/f1.csv"] = "id\nnew\n";
    CHECK(test::pull_all(store, *connector, "s", cursor) == "new {\"id\":\"new\"}\n");
}

TEST_CASE("an object that is replaced between two pages is read as the new one", "[s3]") {
    Store store;
    store.bucket.objects["exp/in/a.csv"] = "id\n1\n2\n3\n4\n";
    auto connector = store.make(kStream);
    auto page = test::pull(store, *connector, "s", {});
    CHECK_FALSE(page.last);
    store.bucket.objects["exp/in/a.csv"] = "id\n5\n";
    CHECK(test::pull_all(store, *connector, "s", page.cursor) == "5 {\"id\":\"5\"}\n");
}

TEST_CASE("a store's refusals are told in an operator's words", "[s3]") {
    Store store;
    auto connector = store.make(kStream);
    const std::vector<std::tuple<std::string, Fault, std::string>> kinds = {
        {"AccessDenied", Fault::unauthorized, "may not do this"},
        {"SignatureDoesNotMatch", Fault::unauthorized, "secret key"},
        {"NoSuchBucket", Fault::bad_config, "location.bucket"},
        {"RequestTimeTooSkewed", Fault::bad_config, "clocks"},
        {"SlowDown", Fault::rate_limited, "slow down"}};
    for (const auto& [code, fault, words] : kinds) {
        store.bucket.fails_with = code;
        const auto checked = run::run_blocking(store.loop, connector->check());
        REQUIRE_FALSE(checked);
        CHECK(checked.error().fault == fault);
        CHECK_THAT(checked.error().text(), Catch::Contains(words));
        CHECK_THAT(checked.error().text(), !Catch::Contains("secret_key\":"));
    }
}

TEST_CASE("a record is an object of its own, whatever its fields hold", "[s3]") {
    Store store;
    auto connector = store.make(R"("actions":{"put":{"path":"out/order-{number}.json"}})");
    const auto push = [&](std::string_view record) {
        std::vector<connector::Push> items;
        items.push_back({.idempotency_key = "k", .record = test::json(record), .remote_id = {}, .deleted = false});
        return run::run_blocking(store.loop, connector->sink()->push("put", std::move(items))).front();
    };
    CHECK(push(R"({"number":"7","v":1})").result->remote_id == "order-7.json");
    CHECK(store.bucket.objects["exp/out/order-7.json"] == "{\"number\":\"7\",\"v\":1}\n");
    push(R"({"number":"7","v":2})");
    CHECK(store.bucket.objects.size() == 1);
    std::vector<connector::Push> late(1);
    late.front().record = test::json(R"({"number":"8"})");
    contract::refuse_late(store.loop, *connector, "put", late);
    CHECK(store.bucket.objects.size() == 1);
    CHECK(push(R"({"number":"../../x"})").result->remote_id == "order-%2E.%2F..%2Fx.json");
    CHECK_FALSE(push(R"({"v":1})").result);
    CHECK(as_file_name("..") == "%2E.");
    CHECK(as_file_name("a b~/") == "a%20b%7E%2F");
}

TEST_CASE("paths at a location stay inside it", "[s3]") {
    Store store;
    for (const auto* path : {"../a.csv", "in/../../a.csv", "/etc/passwd", "./a"}) {
        const auto made =
            make_file(store.connector_setup(fmt::format(R"("streams":{{"s":{{"path":"{}","key":"id"}}}})", path)));
        REQUIRE_FALSE(made);
        CHECK_THAT(made.error().text(), Catch::Contains("path"));
    }
    const auto made = make_file(store.connector_setup(R"("actions":{"put":{"path":"out/all.json"}})"));
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().text(), Catch::Contains("by its fields"));
}
