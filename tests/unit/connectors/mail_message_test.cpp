// Mails as they come, in tests/cases/mail: NAME.eml, and in NAME.json what the record must say of it.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connectors/email/message/charset.hpp"
#include "connectors/email/message/html_text.hpp"
#include "connectors/email/message/mail_record.hpp"
#include "connectors/email/message/reply_text.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/utf8.hpp"

using namespace tributary;
using namespace tributary::connectors;

namespace {

std::string bytes_of(const std::filesystem::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

value::Document record_of(std::string_view bytes, bool cut = false) {
    value::Builder out;
    out.begin_object();
    // The date of a mail without one: 2026-01-01.
    mail::write_message(mail::read_message(bytes, {}, cut), Timestamp(std::chrono::seconds(1767225600)), out);
    return out.end().take();
}

}  // namespace

TEST_CASE("mails are read as they were meant", "[mail]") {
    std::size_t cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TRIBUTARY_SOURCE_DIR "/tests/cases/mail")) {
        if (entry.path().extension() != ".eml") continue;
        INFO(entry.path().filename().string());
        const auto record = record_of(bytes_of(entry.path()));
        const auto wanted = value::parse_json(bytes_of(std::filesystem::path(entry.path()).replace_extension(".json")));
        REQUIRE(wanted);
        for (const auto field : wanted->root()) {
            INFO(std::string(field.key()));
            CHECK(value::to_json(record.root().find(field.key())) == value::to_json(field));
        }
        ++cases;
    }
    CHECK(cases >= 17);
}

TEST_CASE("a mail that is cut anywhere still gives a record of valid text", "[mail]") {
    for (const auto* name : {"attachments", "dsn_unknown_user", "iso2022jp", "gb2312_that_is_gb18030"}) {
        const auto bytes = bytes_of(std::string(TRIBUTARY_SOURCE_DIR "/tests/cases/mail/") + name + ".eml");
        for (std::size_t size = 0; size < bytes.size(); size += 7) {
            const auto json = value::to_json(record_of(std::string_view(bytes).substr(0, size), true).root());
            REQUIRE(value::valid_utf8(json));
        }
    }
}

TEST_CASE("the attachments of a cut mail have no digest", "[mail]") {
    const auto bytes = bytes_of(TRIBUTARY_SOURCE_DIR "/tests/cases/mail/attachments.eml");
    for (const auto one : record_of(bytes, true).root().find("attachments"))
        CHECK(one.find("sha256").is(value::Kind::null));
}

TEST_CASE("a status says whether an address is dead", "[mail]") {
    for (const auto* dead : {"5.1.1", "5.1.10", "5.1.2", "5.0.0", "5.2.1", "5.4.1"}) CHECK(mail::is_hard(dead));
    for (const auto* alive : {"4.1.1", "5.2.2", "5.7.1", "5.3.4", "5.5.0", "5.6.0", "2.1.5", "", "5"})
        CHECK_FALSE(mail::is_hard(alive));
}

TEST_CASE("a vague status gives way to what the other server said", "[mail]") {
    const auto report = mail::read_delivery_status(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n");
    REQUIRE(report.recipients.size() == 1);
    CHECK(report.recipients[0].status == "5.2.2");
    CHECK_FALSE(report.recipients[0].hard);
}

TEST_CASE("text keeps to its limit and is cut between characters", "[mail]") {
    CHECK(mail::clean_text("aä", 2) == "a");
    CHECK(mail::clean_text("a\x01\r\nc\xFF", 100) == "a\nc\xEF\xBF\xBD");
    CHECK(mail::clean_line("  a \r\n\t b  ", 100) == "a b");
    CHECK(mail::to_utf8("\xE4", "no-such-charset", "windows-1252") == "ä");
    CHECK(mail::to_utf8("\xE4", "", "iso-8859-5") == "ф");
}

TEST_CASE("HTML that is none stays text", "[mail]") {
    CHECK(mail::html_to_text("1 < 2 & 3") == "1 < 2 & 3");
    CHECK(mail::html_to_text("a<b") == "a");
    CHECK(mail::html_to_text("<script>x") == "");
    CHECK(mail::html_to_text("<!-- x --><p>a<td>b&#x4e2d;&#0;") == "a b中&#0;");
}

TEST_CASE("when all is quotation, all is kept", "[mail]") {
    CHECK(mail::reply_text("> only this") == "> only this");
    CHECK(mail::reply_text("hi\n-- \nZoe\nAcme") == "hi");
    CHECK(mail::reply_text("On time and well packed.\nThanks") == "On time and well packed.\nThanks");
}
