#include "gateway/app/credentials.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::app;

namespace {

ConnectionConfig with_fields(const std::map<std::string, std::string>& fields) {
    ConnectionConfig config;
    config.name = "shop";
    for (const auto& [name, text] : fields)
        config.credentials.fields.emplace(name, spec::Template::parse(text).value());
    return config;
}

}  // namespace

TEST_CASE("connections on one secret share its rate budget, however they name it", "[credentials]") {
    ConnectionConfig whole;
    whole.name = "shop";
    CHECK(budget_key(whole) == "shop");
    whole.credentials.secret = spec::Reference{spec::Reference::Scheme::secret, "key", "", ""};
    CHECK(budget_key(whole) == "key");
    CHECK(budget_key(with_fields({{"token", "${secret:key#token}"}})) == "key");
    CHECK(budget_key(with_fields({{"id", "an-id"}, {"token", "Bearer ${secret:key#token}"}})) == "key");
    CHECK(budget_key(with_fields({{"a", "${secret:two#a}"}, {"b", "${secret:one}"}, {"c", "${secret:two#c}"}})) ==
          "one two");
    CHECK(budget_key(with_fields({{"token", "${env:TOKEN}"}})) == "shop");
}
