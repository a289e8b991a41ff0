#include "gateway/consent/purpose.hpp"

#include <catch2/catch.hpp>

#include "gateway/spec/load.hpp"
#include "gateway/spec/schema.hpp"

using namespace tributary;
using namespace tributary::consent;

namespace {

std::string problems_of(std::string_view text) {
    spec::Problems problems;
    spec::load_text<PurposeRegistry>(text, "p", problems);
    return problems.text();
}

}  // namespace

TEST_CASE("the shipped purposes are the starter set", "[consent]") {
    spec::Problems problems;
    auto registry = PurposeRegistry::load(TRIBUTARY_SOURCE_DIR "/config/purposes.yaml", problems);
    CHECK(problems.text() == "");
    REQUIRE(registry);
    for (const auto* key :
         {"service.order",     "service.support",       "service.notify",        "legal.tax",
          "security.fraud",    "analytics.report",      "marketing.email",       "marketing.sms",
          "marketing.phone",   "marketing.post",        "marketing.profile",     "personalise",
          "share.third_party", "transfer.cross_border", "survey.feedback",       "identity.merge",
          "train_ai",          "service.staff_notice",  "legal.privacy_request", "marketing.social"}) {
        INFO(key);
        CHECK(registry->find(key));
    }
    CHECK(registry->all().size() == 20);
    CHECK(registry->covers("marketing"));
    CHECK_FALSE(registry->covers("market"));
    CHECK_FALSE(registry->find("marketing"));
    CHECK(registry->find("share.third_party")->basis("CN") == Basis::pipl_separate_consent);
    CHECK(registry->find("share.third_party")->basis("DE") == Basis::consent);
    CHECK(registry->find("marketing.email")->takes(Channel::any));
    CHECK_FALSE(registry->find("marketing.email")->takes(Channel::phone));
}

TEST_CASE("a purpose that rests on consent cannot be allowed by silence", "[consent]") {
    CHECK(
        problems_of("purposes:\n  a.b:\n    title: x\n    data_use: x\n    dpv: x\n    lawful_basis: contract\n"
                    "    basis_in: { CN: consent }\n    when_unknown: allow\n") ==
        "p:8:19: purposes.a.b.when_unknown: a purpose that rests on consent cannot be allowed when nothing is known\n");
}

TEST_CASE("wrong purposes are all reported", "[consent]") {
    CHECK(problems_of("purposes:\n  A: {}\n  b: { title: x, data_use: x, dpv: x, lawful_basis: contrct, channels: "
                      "[mail], basis_in: { china: consent } }\n") ==
          "p:2:3: purposes.A: missing key 'lawful_basis' (one of consent, explicit_consent, contract, "
          "legal_obligation, vital_interest, "
          "public_task, legitimate_interest, pipl_separate_consent)\n"
          "p:2:3: purposes.A: missing key 'title' (text)\n"
          "p:2:3: purposes.A: the key is not a purpose: lower-case words joined by dots, such as marketing.email\n"
          "p:3:53: purposes.b.lawful_basis: expected one of consent, explicit_consent, contract, legal_obligation, "
          "vital_interest, "
          "public_task, legitimate_interest, pipl_separate_consent, found 'contrct'; did you mean contract?\n"
          "p:3:73: purposes.b.channels[0]: expected one of email, sms, mms, phone, post, fax, push, chat, social, "
          "inapp, any, found 'mail'; did you mean email?\n"
          "p:3:92: purposes.b.basis_in.china: the key is not an ISO 3166 code such as CN or US-CA\n");
    spec::Problems problems;
    spec::check_examples(describe(spec::Tag<PurposeRegistry>{}).shape(), problems);
    CHECK(problems.text() == "");
}

TEST_CASE("purposes stand below the keys that begin theirs", "[consent]") {
    CHECK(is_same_or_ancestor("marketing", "marketing.email"));
    CHECK(is_same_or_ancestor("marketing.email", "marketing.email"));
    CHECK_FALSE(is_same_or_ancestor("market", "marketing.email"));
    CHECK_FALSE(is_same_or_ancestor("marketing.email", "marketing"));
    CHECK_FALSE(is_same_or_ancestor("", "marketing"));
}
