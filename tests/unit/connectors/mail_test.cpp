#include "connectors/email/smtp/mail.hpp"

#include <catch2/catch.hpp>

#include <sstream>

#include "connectors/email/smtp/mime_text.hpp"
#include "connectors/email/smtp/smtp_reply.hpp"

using namespace tributary;
using namespace tributary::connectors::smtp;

namespace {

Mail mail_of(std::string text, std::string html = {}) {
    return {.from = {"Acme", "shop@acme.example"},
            .to = {"", "a@example.com"},
            .subject = "Hello",
            .text = std::move(text),
            .html = std::move(html),
            .message_id = "0123@acme.example",
            .date = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(3))};
}

std::string written(const Mail& mail) {
    const auto bytes = write_mail(mail);
    if (!bytes) FAIL(bytes.error().text());
    return *bytes;
}

}  // namespace

TEST_CASE("a plain mail is written as RFC 5322 wants it", "[smtp]") {
    CHECK(written(mail_of("Hi,\nthis is it.")) ==
          "From: \"Acme\" <shop@acme.example>\r\nTo: a@example.com\r\nSubject: Hello\r\nDate: Sun, 22 Nov 2026 "
          "03:00:00 +0000\r\n"
          "Message-ID: <0123@acme.example>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHi,\r\nthis "
          "is it.\r\n");
}

TEST_CASE("a mail with HTML carries both forms, the plain one first", "[smtp]") {
    auto mail = mail_of("plain", "<b>rich</b>");
    mail.reply_to = {"", "help@acme.example"};
    mail.unsubscribe = "https://acme.example/u?c=1";
    const auto bytes = written(mail);
    CHECK(bytes.find("Reply-To: help@acme.example\r\n") != bytes.npos);
    CHECK(bytes.find("List-Unsubscribe: <https://acme.example/u?c=1>\r\nList-Unsubscribe-Post: "
                     "List-Unsubscribe=One-Click\r\n") != bytes.npos);
    CHECK(bytes.find("boundary=\"=_0123\"\r\n\r\n--=_0123\r\nContent-Type: text/plain") != bytes.npos);
    CHECK(bytes.ends_with("\r\n<b>rich</b>\r\n--=_0123--\r\n"));
    CHECK(bytes.find("plain") < bytes.find("<b>"));
}

TEST_CASE("no value becomes a header of its own", "[smtp]") {
    for (const auto& value : {std::string("a\r\nBcc: x@example.com"), std::string("a\nb"), std::string("a\rb"),
                              std::string("a\0b", 3), std::string("a\x7f"), std::string("a\x1b[0m")}) {
        auto subject = mail_of("x"), name = mail_of("x"), link = mail_of("x");
        subject.subject = name.to.name = link.unsubscribe = value;
        CHECK(write_mail(subject).error().fault == Fault::bad_input);
        CHECK(!write_mail(name));
        CHECK(!write_mail(link));
    }
    auto large = mail_of("x");
    large.subject = std::string(901, 'x');
    CHECK(!write_mail(large));
    CHECK(!write_mail(mail_of("")));
}

TEST_CASE("addresses are one, ASCII and nothing else", "[smtp]") {
    CHECK(parse_address("a@example.com")->mail == "a@example.com");
    CHECK(parse_address(" \"Shop, Acme\" <a+b@example.com> ")->name == "Shop, Acme");
    CHECK(parse_address("Acme <a@xn--kse-qla.example>")->mail == "a@xn--kse-qla.example");
    for (const auto* wrong : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b,c@d", "<a@b", "a@b>\r\nBcc: x@y",
                              "k\xC3\xA4se@b", "a<>@b", "X\r\nBcc: y <a@b>", "a@b;c@d"}) {
        INFO(wrong);
        CHECK(!parse_address(wrong));
    }
}

TEST_CASE("headers beyond ASCII are encoded words, cut between characters", "[smtp]") {
    CHECK(unstructured("Plain") == "Plain");
    CHECK(unstructured("Käse") == "=?UTF-8?B?S8Okc2U=?=");
    CHECK(unstructured("looks =?UTF-8?B?eA==?=").starts_with("=?UTF-8?B?"));
    std::string umlauts;
    for (int i = 0; i < 60; ++i) umlauts += "ä";
    const auto folded = unstructured("x" + umlauts);
    std::istringstream lines(folded);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) CHECK(line.size() <= 76);
    CHECK(count == 3);
    CHECK(phrase("Acme \"A\" Inc.") == "\"Acme \\\"A\\\" Inc.\"");
    CHECK(phrase("Bäcker") == "=?UTF-8?B?QsOkY2tlcg==?=");
}

TEST_CASE("bodies are quoted-printable: short lines, CRLF, no dot in front", "[smtp]") {
    CHECK(quoted_printable("a=b\nc\r\nd\re") == "a=3Db\r\nc\r\nd\r\ne");
    CHECK(quoted_printable(".\n..x\na.b") == "=2E\r\n=2E.x\r\na.b");
    CHECK(quoted_printable("Käse") == "K=C3=A4se");
    CHECK(quoted_printable("trailing \nmiddle x\t") == "trailing=20\r\nmiddle x=09");
    for (const auto* piece : {"x", "ä", ".", " ", "="}) {
        std::string text;
        for (int i = 0; i < 500; ++i) text += piece;
        std::istringstream lines(quoted_printable(text));
        for (std::string line; std::getline(lines, line);) {
            CHECK(line.size() <= 77);  // with its CR
            CHECK(!line.starts_with('.'));
        }
    }
}

TEST_CASE("a server's answer says what may be done", "[smtp]") {
    CHECK(!parse_reply("250-SIZE 1000"));
    CHECK(!parse_reply("hello"));
    CHECK(!parse_reply(""));
    CHECK(!parse_reply("999 x"));
    CHECK(parse_reply("250 ok\r\n")->code == 250);
    CHECK(parse_reply("550 5.1.1 <a@b> unknown")->enhanced == "5.1.1");
    CHECK(parse_reply("550 5.1 x")->enhanced.empty());
    const auto fault = [](const char* line) { return error_of(*parse_reply(line))->fault; };
    CHECK(!error_of(*parse_reply("354 go on")));
    CHECK(fault("421 4.3.2 shutting down") == Fault::transient);
    CHECK(fault("451 greylisted") == Fault::transient);
    CHECK(fault("550 5.1.1 no such user") == Fault::bad_input);
    CHECK(fault("552 5.3.4 too big") == Fault::bad_input);
    CHECK(fault("554 5.7.1 spam") == Fault::refused);
    CHECK(fault("535 5.7.8 wrong password") == Fault::unauthorized);
    CHECK(fault("530 5.7.0 log in first") == Fault::unauthorized);
    CHECK(fault("502 what") == Fault::bad_config);
    CHECK(error_of(*parse_reply("550 5.1.1 <secret@example.com>"))->what == "the mail server answered 550 5.1.1");
}
