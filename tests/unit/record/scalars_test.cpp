#include <catch2/catch.hpp>
#include <thread>

#include "gateway/record/check_digits.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/currency.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/money.hpp"
#include "gateway/record/phone.hpp"
#include "gateway/record/text.hpp"
#include "gateway/record/timestamp.hpp"

using namespace tributary;
using namespace tributary::record;

TEST_CASE("match keys fold width, case and spaces", "[text]") {
    CHECK(fold_key("ＡＢＣ１２３　ｶﾞ ﬁ") == "abc123 ガ fi");
    CHECK(fold_key("  Ada \t LOVELACE ") == "ada lovelace");
    CHECK(fold_key("Straße") == "strasse");
    CHECK(fold_key("") == "");
}

TEST_CASE("length and first count code points", "[text]") {
    CHECK(length("aé张😀") == 4);
    CHECK(first("aé张😀", 3) == "aé张");
    CHECK(first("abc", 5) == "abc");
    CHECK(first("abc", 0) == "");
}

TEST_CASE("amounts are written with all decimals of their currency", "[money]") {
    CHECK(money_text(1250, "EUR") == "12.50");
    CHECK(money_text(-5, "EUR") == "-0.05");
    CHECK(money_text(7, "JPY") == "7");
    CHECK(money_text(1, "KWD") == "0.001");
    CHECK(money_text(INT64_MIN, "EUR") == "-92233720368547758.08");
}

TEST_CASE("sums that do not fit are refused", "[money]") {
    CHECK(add(1, 2) == 3);
    CHECK_FALSE(add(INT64_MAX, 1));
    CHECK_FALSE(subtract(INT64_MIN, 1));
}

TEST_CASE("every amount of minor units survives its text form", "[money]") {
    for (const std::string_view currency : {"EUR", "JPY", "KWD", "CLF"})
        for (const std::int64_t minor : {0L, 1L, -1L, 99L, 100L, -12345L, 999999999999999999L})
            CHECK(parse_money(money_text(minor, currency), currency)->minor == minor);
}

TEST_CASE("the exponents of ISO 4217 are right where they differ from two", "[money]") {
    for (const auto code : {"JPY", "KRW", "VND", "CLP", "ISK", "XOF"}) CHECK(currency_exponent(code) == 0);
    for (const auto code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) CHECK(currency_exponent(code) == 3);
    CHECK(currency_exponent("UYW") == 4);
    CHECK(currency_exponent("CNY") == 2);
}

TEST_CASE("there are 249 countries and Kosovo", "[country]") {
    int count = 0;
    for (char a = 'A'; a <= 'Z'; ++a)
        for (char b = 'A'; b <= 'Z'; ++b) count += find_country(std::string{a, b}).has_value();
    CHECK(count == 250);
}

TEST_CASE("card numbers and accounts are found inside texts, lookalikes are not", "[pan]") {
    CHECK(contains_card_number("x 4111111111111111 y"));
    CHECK(contains_card_number("6011-1111-1111-1117"));
    CHECK(contains_card_number("card:3530111333300000."));
    CHECK_FALSE(contains_card_number("4111111111111112"));
    CHECK_FALSE(contains_card_number("41111111111111114111111111111111"));
    CHECK_FALSE(contains_card_number("4111  1111  1111  1111"));
    CHECK_FALSE(contains_card_number("order 1767603600123456"));
    CHECK_FALSE(contains_card_number(""));
    CHECK(contains_iban("IBAN: GB82 WEST 1234 5698 7654 32."));
    CHECK(contains_iban("de89370400440532013000"));
    CHECK_FALSE(contains_iban("DE88370400440532013000"));
    CHECK_FALSE(contains_iban("XDE89370400440532013000"));
    CHECK(is_iban("DE89 3704 0044 0532 0130 00"));
    CHECK_FALSE(is_iban("DE89 3704"));
}

TEST_CASE("instants are written in the formats that destinations read", "[timestamp]") {
    const Timestamp at = *parse_timestamp("2026-07-05T08:00:00.123Z");
    CHECK(format_timestamp(at, "", "") == "2026-07-05T08:00:00.123Z");
    CHECK(format_timestamp(at, "rfc3339", "Europe/Berlin") == "2026-07-05T10:00:00.123+02:00");
    CHECK(format_timestamp(at, "rfc2822", "") == "Sun, 05 Jul 2026 08:00:00 +0000");
    CHECK(format_timestamp(at, "unix", "") == "1783238400");
    CHECK(format_timestamp(at, "unix_ms", "") == "1783238400123");
    CHECK(format_timestamp(at, "odata", "") == "/Date(1783238400123)/");
    CHECK(format_timestamp(at, "date", "Pacific/Auckland") == "2026-07-05");
    CHECK(format_timestamp(at, "%d.%m.%y %I:%M %p %z %j %s", "America/New_York") ==
          "05.07.26 04:00 AM -0400 186 1783238400");
    CHECK_FALSE(format_timestamp(at, "%Q", ""));
    CHECK_FALSE(format_timestamp(at, "", "Nowhere/Land"));
}

TEST_CASE("what a pattern writes it reads again", "[timestamp]") {
    const Timestamp at = *parse_timestamp("1999-12-31T23:59:59.999Z");
    for (const auto pattern :
         {"%Y-%m-%d %H:%M:%S.%f", "%a, %d %b %Y %I:%M:%S.%f %p", "%Y-%jT%H%M%S%f%z", "rfc3339", "unix_ms"}) {
        const auto format = TimestampFormat::compile(pattern, "Asia/Kolkata");
        REQUIRE(format);
        const auto text = format_timestamp(at, pattern, "Asia/Kolkata");
        REQUIRE(text);
        INFO(pattern << " wrote " << *text);
        CHECK(format->parse(*text)->at == at);
    }
}

TEST_CASE("phones are read by several threads at once, each number remembered", "[phone]") {
    const PhoneReader reader(8);
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 60; ++i) {
                const auto phone = reader.read("030 1234" + std::to_string(100 + i % 20), "DE");
                if (!phone || phone->e164 != "+49301234" + std::to_string(100 + i % 20)) ++wrong;
                if (reader.read("nobody", "DE")) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("the short way and the library read the same number alike", "[phone]") {
    const PhoneReader reader;
    for (const std::string_view number :
         {"+8613812345678", "+4915112345678", "+33612345678", "+12065559857", "+34612345678"}) {
        Phone plain;
        REQUIRE(read_plain_phone(number, "", plain));
        // A slash is no plain separator, so this goes to the library.
        const auto slow = reader.read(std::string(number.substr(0, 5)) + "/" + std::string(number.substr(5)), "");
        REQUIRE(slow);
        INFO(number);
        CHECK(slow->e164 == plain.e164);
        CHECK(slow->type == plain.type);
        CHECK(slow->region == plain.region);
    }
}
