#include <catch2/catch.hpp>

#include "connectors/email/imap/mailbox.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"
#include "tests/unit/connectors/imap_script.hpp"

using namespace tributary;
using namespace tributary::connectors::imap;
using test::ImapScript;
using Steps = std::deque<ImapScript::Step>;

namespace {

struct Box {
    explicit Box(Steps steps) {
        steps.push_front({"CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE CONDSTORE\r\n"});
        auto owned = std::make_unique<ImapScript>(std::move(steps));
        script = owned.get();
        auto opened = Session::open(std::move(owned), {}, Milliseconds{1000});
        REQUIRE(opened);
        session.emplace(std::move(*opened));
    }
    connector::Page page(const std::string& cursor) {
        auto read = read_page(*session, settings, stream, cursor, Timestamp{}, log);
        if (!read) FAIL(read.error().text());
        return std::move(*read);
    }
    ImapSettings settings;
    Stream stream{.max_message = 1 << 20};
    Log log{LogLevel::warn, Log::Target::memory};
    ImapScript* script = nullptr;
    std::optional<Session> session;
};

ImapScript::Step examine(int validity, int next, int modseq = 1) {
    return {"EXAMINE \"INBOX\" (CONDSTORE)", "* 2 EXISTS\r\n* OK [UIDVALIDITY " + std::to_string(validity) +
                                                 "] x\r\n* OK [UIDNEXT " + std::to_string(next) +
                                                 "] x\r\n* OK [HIGHESTMODSEQ " + std::to_string(modseq) + "] x\r\n"};
}

std::string head(int uid) {
    return "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE 60)\r\n";
}
std::string body(int uid, const std::string& flags = "") {
    const auto mail = "Message-ID: <m" + std::to_string(uid) + "@x>\r\nSubject: s\r\n\r\nText\r\n";
    return "* 1 FETCH (UID " + std::to_string(uid) + " FLAGS (" + flags +
           ") INTERNALDATE \"05-Feb-2024 10:00:00 +0100\" " + "RFC822.SIZE " + std::to_string(mail.size()) +
           " BODY[]<0> {" + std::to_string(mail.size()) + "}\r\n" + mail + ")\r\n";
}

std::string ids(const connector::Page& page) {
    std::string out;
    for (const auto& record : page.records) {
        const auto document = value::parse_json(record.json);
        REQUIRE(document);
        out += std::string(document->root().find("message_id").text()) + " ";
    }
    return out;
}

}  // namespace

TEST_CASE("new messages come page by page, and the cursor goes on behind them", "[imap]") {
    Box box({examine(7, 6),
             {"UID SEARCH UID 1:5", "* SEARCH 2 4 5\r\n"},
             {"UID FETCH 2,4 (UID RFC822.SIZE)", head(2) + head(4)},
             {"UID FETCH 2,4 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.1048576>)", body(4) + body(2)},
             examine(7, 6),
             {"UID SEARCH UID 5:5", "* SEARCH 5\r\n"},
             {"UID FETCH 5 (UID RFC822.SIZE)", head(5)},
             {"UID FETCH 5 ", body(5)},
             examine(7, 6)});
    box.stream.page = 2;
    auto first = box.page("");
    CHECK(ids(first) == "m4@x m2@x ");
    CHECK_FALSE(first.last);
    auto second = box.page(first.cursor.json);
    CHECK(ids(second) == "m5@x ");
    CHECK(second.last);
    CHECK(box.page(second.cursor.json).last);  // nothing is asked for
    CHECK(box.log.captured().empty());
}

TEST_CASE("a folder that was numbered anew is read again, and messages keep their keys", "[imap]") {
    Box box({examine(7, 3),
             {"UID SEARCH UID 1:2", "* SEARCH 2\r\n"},
             {"UID FETCH 2 (UID RFC822.SIZE)", head(2)},
             {"UID FETCH 2 ", body(2)},
             examine(8, 3),
             {"UID SEARCH UID 1:2", "* SEARCH 1\r\n"},
             {"UID FETCH 1 (UID RFC822.SIZE)", head(1)},
             {"UID FETCH 1 ", replace_all(body(2), "UID 2", "UID 1")}});
    const auto before = box.page("");
    const auto after = box.page(before.cursor.json);
    CHECK(before.records[0].external_id == after.records[0].external_id);
    CHECK(box.log.captured().find("UIDVALIDITY") != std::string::npos);
}

TEST_CASE("messages whose flags changed are read again when that is asked for", "[imap]") {
    Box box({examine(7, 6, 20),
             {"UID FETCH 1:5 (UID) (CHANGEDSINCE 10)",
              "* 1 FETCH (UID 2 MODSEQ (15))\r\n* 3 FETCH (UID 4 MODSEQ (16))\r\n"},
             {"UID FETCH 2 (UID RFC822.SIZE)", head(2)},
             {"UID FETCH 2 ", body(2, "\\Seen")},
             examine(7, 6, 30),
             {"UID FETCH 3:5 (UID) (CHANGEDSINCE 10)", "* 3 FETCH (UID 4 MODSEQ (16))\r\n"},
             {"UID FETCH 4 (UID RFC822.SIZE)", head(4)},
             {"UID FETCH 4 ", body(4)}});
    box.stream.flags = true;
    box.stream.page = 1;
    const auto first = box.page(R"({"validity":7,"uid":5,"modseq":10})");
    CHECK(ids(first) == "m2@x ");
    CHECK(first.records[0].json.find(R"("flags":["\\Seen"])") != std::string::npos);
    CHECK_FALSE(first.last);
    const auto second = box.page(first.cursor.json);
    CHECK(second.last);
    // What changed since the round began (modseq 21 to 30) is the next round's.
    CHECK(second.cursor.json == R"({"validity":7,"uid":5,"modseq":20})");
}

TEST_CASE("a message that the server cannot give does not hold up the others", "[imap]") {
    Box box({examine(7, 4),
             {"UID SEARCH UID 1:3", "* SEARCH 1 2 3\r\n"},
             {"UID FETCH 1:3 (UID RFC822.SIZE)", head(1) + head(2) + head(3)},
             {"UID FETCH 1:3 ", body(1), "NO internal error"},
             {"UID FETCH 1 ", body(1)},
             {"UID FETCH 2 ", "", "NO internal error"},
             {"UID FETCH 3 ", body(3)}});
    const auto page = box.page("");
    CHECK(ids(page) == "m1@x m3@x ");
    REQUIRE(page.broken.size() == 1);
    CHECK(page.broken[0].position == "INBOX uid 2");
    CHECK(page.last);
}

TEST_CASE("what is gone between two commands is passed over", "[imap]") {
    Box box({examine(7, 4),
             {"UID SEARCH UID 1:3", "* SEARCH 1 3\r\n"},
             {"UID FETCH 1,3 (UID RFC822.SIZE)", head(3)},
             {"UID FETCH 3 ", "* 2 EXPUNGE\r\n"}});
    const auto page = box.page("");
    CHECK(page.records.empty());
    CHECK(page.broken.empty());
    CHECK(page.cursor.json == R"({"validity":7,"uid":3,"modseq":1})");
}

TEST_CASE("refusals and lost connections are told apart", "[imap]") {
    const auto fault = [](Steps steps) {
        Box box(std::move(steps));
        const auto page = read_page(*box.session, box.settings, box.stream, "", Timestamp{}, box.log);
        REQUIRE_FALSE(page);
        return page.error().fault;
    };
    CHECK(fault({{"EXAMINE", "", "NO [NONEXISTENT] no such mailbox"}}) == Fault::not_found);
    CHECK(fault({{"EXAMINE", "", "NO [UNAVAILABLE] later"}}) == Fault::transient);
    CHECK(fault({{"EXAMINE", "* BYE shutting down\r\n", ""}}) == Fault::transient);
    CHECK(fault({{"EXAMINE", "", ""}}) == Fault::transient);
    CHECK(fault({{"EXAMINE", "* (((\r\n", ""}}) == Fault::bad_input);
    CHECK(fault({{"EXAMINE", "", "OK without UIDVALIDITY"}}) == Fault::bad_config);
}

TEST_CASE("IDLE tells of new messages alone", "[imap]") {
    Box box({examine(7, 3), {"IDLE", "+ idling\r\n", ""}, {"DONE", "", ""}});
    REQUIRE(box.session->examine("INBOX"));
    REQUIRE(box.session->idle_begin());
    CHECK_FALSE(*box.session->idle_poll(false));
    box.script->say("* OK still here\r\n* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n");
    CHECK_FALSE(*box.session->idle_poll(false));
    box.script->say("* 2 EXISTS\r\n");
    CHECK(*box.session->idle_poll(false));
    box.script->say("* 1 FETCH (FLAGS ())\r\n");
    CHECK(*box.session->idle_poll(true));
    box.script->say("t3 OK done\r\n");
    CHECK(box.session->idle_end());
}

TEST_CASE("a bounce is a record for each address, and knows whether the mail was ours", "[imap]") {
    const std::string mail =
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; "
        "A@b.example\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
        "<1@acme.example>\r\n"
        "\r\n--b--\r\n";
    const auto size = std::to_string(mail.size());
    const std::string header = "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n";
    Box box({examine(7, 3),
             {"UID SEARCH UID 1:2", "* SEARCH 1 2\r\n"},
             {"UID FETCH 1:2 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)])",
              "* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)] {2}\r\n\r\n)\r\n"
              "* 2 FETCH (UID 2 RFC822.SIZE 9 BODY[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)] {" +
                  std::to_string(header.size()) + "}\r\n" + header + ")\r\n"},
             {"UID FETCH 2 ", "* 2 FETCH (UID 2 INTERNALDATE \" 5-Feb-2024 10:00:00 +0100\" RFC822.SIZE " + size +
                                  " BODY[]<0> {" + size + "}\r\n" + mail + ")\r\n"}});
    box.stream.take = Stream::Take::bounces;
    box.settings.own_domains = {"acme.example"};
    const auto page = box.page("");
    REQUIRE(page.records.size() == 1);
    CHECK(page.records[0].external_id == "a@b.example");
    CHECK(
        page.records[0].json ==
        R"({"address":"a@b.example","action":"failed","status":"5.1.1","hard":true,"feedback_type":"","original_message_id":"1@acme.example","ours":true,"reported_at":1707123600})");
}

TEST_CASE("windows double over a sparse folder and end where it ends", "[imap]") {
    UidWindows windows(10, 100, 20);
    const auto first = windows.next(), second = windows.next(), third = windows.next();
    CHECK((first->from == 11 && first->to == 30));
    CHECK((second->from == 31 && second->to == 70));
    CHECK((third->from == 71 && third->to == 99));
    CHECK_FALSE(windows.next());
    UidWindows open(10, 0, 20);
    CHECK(open.next()->to == 0);
    CHECK_FALSE(open.next());
    CHECK_FALSE(UidWindows(0xFFFFFFFF, 0x100000000, 20).next());
}

TEST_CASE("the times of a server", "[imap]") {
    CHECK(internal_date("17-Jul-1996 02:44:25 -0700") == Timestamp(std::chrono::seconds(837596665)));
    CHECK(internal_date(" 5-Feb-2024 10:00:00 +0100") == Timestamp(std::chrono::seconds(1707123600)));
    for (const auto* bad : {"", "17-Jul-1996", "17-Foo-1996 02:44:25 -0700", "32-Jan-2024 00:00:00 +0000", "x y z"})
        CHECK_FALSE(internal_date(bad));
}
