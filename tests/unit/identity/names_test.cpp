#include "gateway/identity/names.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "gateway/identity/match_keys.hpp"
#include "gateway/record/company_ids.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::identity;

TEST_CASE("Jaro-Winkler gives the published values", "[names]") {
    // Winkler 1990 and the census bureau's examples.
    CHECK(jaro_winkler("MARTHA", "MARHTA") == Approx(0.9611).margin(0.0001));
    CHECK(jaro_winkler("DWAYNE", "DUANE") == Approx(0.8400).margin(0.0001));
    CHECK(jaro_winkler("DIXON", "DICKSONX") == Approx(0.8133).margin(0.0001));
    CHECK(jaro_winkler("", "") == 1);
    CHECK(jaro_winkler("a", "") == 0);
    CHECK(jaro_winkler("abc", "xyz") == 0);
    CHECK(jaro_winkler("张伟", "张伟") == 1);
    CHECK(jaro_winkler("a", "a") == 1);
}

TEST_CASE("names fold to plain Latin words", "[names]") {
    const NameFolder folder;
    struct Case {
        std::string name, folded;
    };
    const Case cases[] = {{"  ADA   Lovelace ", "ada lovelace"},
                          {"Müller", "muller"},
                          {"O'Hara-Smith, J.", "ohara smith j"},
                          {"张伟", "zhang wei"},
                          {"張偉", "zhang wei"},
                          {"单雄信", "shan xiong xin"},
                          {"曾国藩", "zeng guo fan"},
                          {"尉迟恭", "yu chi gong"},
                          {"Ｚｈａｎｇ　Ｗｅｉ", "zhang wei"},
                          {"Достоевский", "dostoevskij"},
                          {"Σωκράτης", "sokrates"},
                          {"", ""}};
    for (const auto& each : cases) CHECK(folder.fold(each.name) == each.folded);
    for (const auto& each : cases) CHECK(folder.fold(each.name) == each.folded);  // remembered
}

TEST_CASE("names are folded by several threads, also when the cache is small", "[names]") {
    const NameFolder folder(4);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                const auto n = std::to_string(i % 10);
                if (folder.fold("张伟" + n) != "zhang wei" + n && folder.fold("张伟" + n) != "zhang wei " + n) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("a record's name is known by its parts or as a whole", "[names]") {
    const NameFolder folder;
    auto fold = [&](const char* json) { return fold_name(value::parse_json(json)->root(), folder); };
    CHECK(fold(R"({"given":"Ada","family":"Lovelace"})").full == "ada lovelace");
    CHECK(fold(R"({"full":"Dr. Ada Lovelace"})").full == "ada lovelace");
    CHECK(fold(R"({"full":"Dr. Who"})").full == "dr who");
    CHECK(fold(R"({"legal":"Muster GmbH"})").full == "muster gmbh");
    CHECK(fold(R"({})").full.empty());
    CHECK(fold(R"({"family":"Lovelace"})").full == "lovelace");
    CHECK(likeness(fold(R"({"full":"Wei Zhang"})"), fold(R"({"full":"张伟"})")) == 1);
    CHECK(likeness(fold("{}"), fold("{}")) == 0);
}

TEST_CASE("every record has its system key, and keys are sorted without doubles", "[keys]") {
    const auto record =
        value::parse_json(R"({"emails":[{"norm":"a@x.example"},{"norm":"a@x.example"}],"customer_number":"K1",
        "phones":[{"e164":"bad","type":"mobile"},{"raw":"x"}],"social":[{"handle":"x"},{"network":"x"}],"gov_ids":"wrong kind"})");
    CHECK(match_keys(record->root(), "erp", "7") == std::vector<MatchKey>{{"system", "erp/7"}});
    CHECK(match_keys(record->root(), "erp", "7", {.trusted_contact_points = true}) ==
          std::vector<MatchKey>{{"email", "a@x.example"}, {"system", "erp/7"}});
    CHECK(match_keys(record->root(), "erp", "7", {.customer_number_space = "acme"}) ==
          std::vector<MatchKey>{{"customer_number", "acme|K1"}, {"system", "erp/7"}});
}

TEST_CASE("the user's own role mailboxes and domains are guarded", "[keys]") {
    const ValueGuards guards({"empfang"}, {"throw.example"}, 3);
    const auto record = value::parse_json(
        R"({"emails":[{"norm":"empfang@x.example"},{"norm":"a@sub.throw.example"},{"norm":"info@x.example"}]})");
    CHECK(match_keys(record->root(), "erp", "7", {.trusted_contact_points = true, .guards = &guards}).size() == 1);
    CHECK(match_keys(record->root(), "erp", "7", {.trusted_contact_points = true}).size() == 3);
}

TEST_CASE("check digits of company ids", "[keys]") {
    CHECK(record::is_lei("5493001KJTIIGC8Y1R12"));
    CHECK_FALSE(record::is_lei("5493001KJTIIGC8Y1R13"));
    for (const auto right : {"DE136695976", "BE0411905847", "FR83404833048", "IT07643520567", "LU15027442",
                             "NL004495445B01", "PL8567346215"})
        CHECK(record::check_vat(right) == true);
    for (const auto wrong : {"DE136695977", "BE0411905848", "FR84404833048", "IT07643520568", "LU15027443",
                             "NL004495446B01", "PL8567346216", "DE1", "X"})
        CHECK(record::check_vat(wrong) == false);
    CHECK(record::check_vat("ATU13585627") == std::nullopt);
}
