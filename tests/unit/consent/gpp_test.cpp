#include "gateway/consent/gpp.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::consent;

namespace {

GppOptOuts read(std::string_view text) {
    auto out = read_gpp(text);
    INFO(text);
    INFO((out ? "" : out.error().text()));
    REQUIRE(out.has_value());
    return *out;
}

}  // namespace

// The first strings of each block stand in the specification or in the tests of its reference decoder.
TEST_CASE("a header names its sections", "[consent][gpp]") {
    CHECK(read("DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA").sections == std::vector{2});
    CHECK(read("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN").sections == std::vector{2, 6});
    CHECK(read("DBABLA~BVQqAAAAAgA.QA").sections == std::vector{7});
    CHECK(read("DBAA").sections.empty());
}

TEST_CASE("opt-outs of the sections of the United States are read", "[consent][gpp]") {
    CHECK(read("DBABTA~1YYN").sale);
    CHECK_FALSE(read("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN").sale);
    auto none = read("DBABLA~BVQqAAAAAgA.QA");  // asked, and did not opt out
    CHECK_FALSE((none.sale || none.sharing || none.targeted_ads || none.gpc));
    auto not_applicable = read("DBABLA~BAAAAAAAAQA.QA");
    CHECK_FALSE((not_applicable.sale || not_applicable.sharing || not_applicable.targeted_ads));
    auto all = read("DBABLA~BVQVAAAAAgA.QA");  // the same, with the three choices at 1
    CHECK((all.sale && all.sharing && all.targeted_ads));
    CHECK(read("DBABLA~BVQqAAAAAgA.YA").gpc);
}

TEST_CASE("an opt-out ends the purposes that it is about", "[consent][gpp]") {
    Purpose share{.key = "share.third_party", .title = "", .description = "", .data_use = "", .dpv = ""};
    share.third_party = true;
    Purpose profile = share;
    profile.third_party = false;
    profile.profiling = true;
    GppOptOuts sale{.sections = {6}, .sale = true};
    CHECK(sale.end(share));
    CHECK_FALSE(sale.end(profile));
    GppOptOuts gpc{.sections = {7}, .gpc = true};
    CHECK((gpc.end(share) && gpc.end(profile)));
}

TEST_CASE("a string that cannot be read is no string without opt-outs", "[consent][gpp]") {
    for (auto text : {"", "A", "CBABLA~BVQqAAAAAgA", "DCABLA~BVQqAAAAAgA", "DBABLA", "DBABLA~", "DBABLA~BV",
                      "DBABLA~BVQq!AAAAgA", "DBABTA~2YYN", "DBABTA~1Y", "DBABMA~a~b", "DB~x", "DBABLA~BVQqAAAAAgA."}) {
        INFO(text);
        auto out = read_gpp(text);
        REQUIRE_FALSE(out.has_value());
        CHECK(out.error().fault == Fault::bad_input);
    }
    CHECK_FALSE(read_gpp(std::string(10000, 'A')));
}
