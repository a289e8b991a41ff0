#include <catch2/catch.hpp>

#include "connectors/email/imap/folder_name.hpp"
#include "connectors/email/imap/response_reader.hpp"

using namespace tributary;
using namespace tributary::connectors::imap;

namespace {

Response parsed(std::string_view bytes) {
    auto response = parse_response(bytes);
    if (!response) FAIL(response.error().text());
    return std::move(*response);
}

}  // namespace

TEST_CASE("responses are cut into values", "[imap]") {
    auto fetch = parsed(
        "* 12 FETCH (UID 40 FLAGS (\\Seen $Junk) BODY[HEADER.FIELDS (SUBJECT)]<0> {5}\r\nHe)\r\n X \"a\\\"b\" Y "
        "NIL)\r\n");
    REQUIRE(fetch.values.size() == 3);
    CHECK(fetch.values[0].number() == 12);
    CHECK(fetch.values[1].is("fetch"));
    const auto& items = fetch.values[2].items;
    CHECK(find_item(items, "UID")->number() == 40);
    CHECK(find_item(items, "FLAGS")->items[0].text == "\\Seen");
    CHECK(find_item(items, "BODY[")->text == "He)\r\n");
    CHECK(find_item(items, "X")->text == "a\"b");
    CHECK(find_item(items, "Y")->kind == Value::Kind::nil);
    CHECK(find_item(items, "Z") == nullptr);

    auto ok = parsed("* OK [UIDNEXT 41] Predicted {5}\r\n");
    CHECK(ok.status == Response::Status::ok);
    CHECK(ok.code[1].number() == 41);
    auto no = parsed("a7 NO [AUTHENTICATIONFAILED] wrong\r\n");
    CHECK(no.kind == Response::Kind::tagged);
    CHECK(no.tag == "a7");
    CHECK(parsed("+ idling").kind == Response::Kind::go_on);
    CHECK(parsed("* SEARCH").values.size() == 1);
    CHECK(parsed("* VANISHED (EARLIER) 41,43:116").values[2].text == "41,43:116");
    CHECK(parsed("* OK [PERMANENTFLAGS (\\Answered \\*)] x").code[1].items[1].text == "\\*");
}

TEST_CASE("what is no response is told", "[imap]") {
    for (const auto* bytes : {"", "\r\n", "*", "* ", "* 1 FETCH (UID 4", "* 1 FETCH \"open", "a1 FETCH",
                              "* X {9}\r\nshort", "* X )", "* LIST a\rb"}) {
        INFO(bytes);
        const auto response = parse_response(bytes);
        CHECK((!response || std::string_view(bytes) == "* "));
    }
    CHECK_FALSE(parse_response("* X " + std::string(200, '(')));
}

TEST_CASE("responses come whole however their bytes come", "[imap]") {
    const std::string bytes = "* 1 FETCH (BODY[] {7}\r\na\r\nb\r\nc Z {0}\r\n)\r\n* OK text {9}\r\nt1 OK done\r\n";
    for (std::size_t step = 1; step < bytes.size(); ++step) {
        ResponseReader reader({});
        std::vector<Response> all;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            reader.feed(std::string_view(bytes).substr(at, step));
            for (;;) {
                auto one = reader.next();
                REQUIRE(one);
                if (!*one) break;
                all.push_back(std::move(**one));
            }
        }
        REQUIRE(all.size() == 3);
        CHECK(find_item(all[0].values[2].items, "BODY[")->text == "a\r\nb\r\nc");
        CHECK(all[2].tag == "t1");
        CHECK(reader.empty());
    }
}

TEST_CASE("a server cannot make us keep more than was agreed", "[imap]") {
    ResponseReader reader({.line = 100, .response = 1000});
    reader.feed("* 1 FETCH (BODY[] {99999999999}\r\n");
    CHECK_FALSE(reader.next());
    ResponseReader line({.line = 100, .response = 1000});
    line.feed(std::string(200, 'x'));
    CHECK_FALSE(line.next());
    ResponseReader many({.line = 100, .response = 1000});
    many.feed("* 1 FETCH (A {600}\r\n" + std::string(600, 'x') + " B {600}\r\n");
    CHECK_FALSE(many.next());
}

TEST_CASE("folder names in modified UTF-7", "[imap]") {
    for (const auto& [name, wire] : std::vector<std::pair<std::string, std::string>>{
             {"INBOX", "INBOX"},
             {"Entwürfe", "Entw&APw-rfe"},
             {"A&B", "A&-B"},
             {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
             {"😀", "&2D3eAA-"}}) {
        CHECK(to_modified_utf7(name) == wire);
        CHECK(from_modified_utf7(wire) == name);
    }
    for (const auto* bad : {"&", "&APw", "&AP-", "&2D0-", "ü", "&=-"}) CHECK_FALSE(from_modified_utf7(bad));
    CHECK(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
}
