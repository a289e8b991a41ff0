#include "gateway/app/fixture_recorder.hpp"

#include <fmt/format.h>

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {

run::Task<net::HttpResult> RecordingHttp::send(net::HttpRequest request, const net::HttpOptions& options) {
    auto answer = co_await inner_.send(std::move(request), options);
    if (answer) answers_.push_back(*answer);
    co_return answer;
}

namespace {

// Answers in the order they were recorded and keeps what was asked.
class ReplayingHttp final : public net::HttpClient {
  public:
    explicit ReplayingHttp(std::vector<net::HttpResponse> answers) : answers_(std::move(answers)) {}
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions&) override {
        if (asked.size() >= answers_.size())
            co_return std::unexpected(net::HttpFailure{{Fault::bad_input, "it asks for more than was recorded", {}}});
        auto answer = answers_[asked.size()];
        answer.url = request.url;
        asked.push_back(std::move(request));
        co_return answer;
    }
    const std::vector<net::HttpResponse>& answers() const { return answers_; }
    std::vector<net::HttpRequest> asked;

  private:
    std::vector<net::HttpResponse> answers_;
};

// Of the headers only those that a connector reads: paging and the form of the body.
net::Headers kept(const net::Headers& headers, const FixtureMasks& masks) {
    net::Headers out;
    for (const char* name : {"Content-Type", "Link"})
        if (const auto* value = net::find_header(headers, name)) out.emplace_back(name, masks.masked_text(*value));
    return out;
}

// References are not resolved: what they stand for is nobody's business here.
void copy_settings(value::Node node, value::Builder& out) {
    if (node.is(value::Kind::object)) {
        out.begin_object();
        for (const auto member : node) {
            out.key(member.key());
            copy_settings(member, out);
        }
        out.end();
    } else if (node.is(value::Kind::array)) {
        out.begin_array();
        for (const auto item : node) copy_settings(item, out);
        out.end();
    } else if (node.is(value::Kind::text) && node.text().contains("${")) {
        out.text("fixture-setting");
    } else if (node.is(value::Kind::text) && node.text().contains('@')) {
        out.text("someone@example.com");
    } else {
        out.copy(node);
    }
}

struct Replay {
    connector::Page page;
    std::set<std::string> credentials;  // the fields that were asked for
};

Result<Replay> replay(const connector::Registry& registry, const Recording& recording, const value::Document& settings,
                      ReplayingHttp& http, Log& log) {
    Replay out;
    FakeClock clock;
    clock.set(recording.now);
    run::FakeTimers timers(clock);
    run::Loop loop("replay");
    run::Pool pool("replay", 1);
    crypto::SeededRandom random(1);
    value::Builder copied;
    copied.copy(settings.root());
    connector::Setup setup{.connection = "fixture",
                           .settings = copied.take(),
                           .credential = [&](std::string_view field) -> Result<crypto::SecretBytes> {
                               out.credentials.emplace(field);
                               return crypto::SecretBytes(fmt::format("fixture-{}", field));
                           },
                           .http = http,
                           .timers = timers,
                           .blocking = pool,
                           .random = random,
                           .log = log};
    TRY(auto connector, registry.build(recording.connector, std::move(setup)));
    TRY(out.page, run::run_blocking(loop, connector->source()->pull(recording.stream, {})));
    return out;
}

void write_exchange(value::Builder& out, const net::HttpRequest& request, const net::HttpResponse& answer, bool login) {
    out.begin_object();
    if (login) out.key("login").boolean(true);
    out.key("request").begin_object().key("method").text(request.method).key("url").text(request.url).end();
    out.key("answer").begin_object().key("status").integer(answer.status);
    if (!answer.headers.empty()) {
        out.key("headers").begin_object();
        for (const auto& [name, value] : answer.headers) out.key(name).text(value);
        out.end();
    }
    if (!answer.body.empty())
        if (const auto body = value::parse_json(answer.body)) out.key("body").copy(body->root());
    out.end().end();
}

}  // namespace

Result<std::string> fixture_text(const connector::Registry& registry, const Recording& recording, FixtureMasks& masks,
                                 Log& log) {
    std::vector<net::HttpResponse> answers;
    std::vector<bool> logins;
    for (const auto& answer : recording.answers) {
        net::HttpResponse masked{.status = answer.status, .headers = kept(answer.headers, masks)};
        bool token = false;
        if (!answer.body.empty()) {
            const auto body = value::parse_json(answer.body);
            if (!body)
                return fail(Fault::bad_input, "an answer is no JSON, and only JSON can be saved without values in it");
            FixtureMasks before = masks;
            masked.body = value::to_json(masks.masked(body->root()).root());
            token = masks.saw_token() && !before.saw_token();
        }
        logins.push_back(token && &answer != &recording.answers.back());
        answers.push_back(std::move(masked));
    }
    value::Builder built;
    copy_settings(recording.settings.root(), built);
    const auto settings = built.take();
    ReplayingHttp http(std::move(answers));
    auto replayed = replay(registry, recording, settings, http, log);
    if (!replayed) return pass(std::move(replayed), "the masked answers do not replay");
    if (http.asked.size() != http.answers().size())
        return fail(Fault::bad_input, fmt::format("the masked answers do not replay: {} of {} were asked for",
                                                  http.asked.size(), http.answers().size()));
    value::Builder out;
    out.begin_object().key("title").text("the first page of " + recording.stream + ", recorded and masked");
    out.key("connector").text(recording.connector).key("settings").copy(settings.root());
    out.key("credentials").begin_object();
    for (const auto& field : replayed->credentials) out.key(field).text("fixture-" + field);
    out.end().key("now").text(record::timestamp_text(recording.now)).key("steps").begin_array().begin_object();
    out.key("pull").text(recording.stream).key("exchange").begin_array();
    for (std::size_t i = 0; i < http.asked.size(); ++i)
        write_exchange(out, http.asked[i], http.answers()[i], logins[i]);
    out.end().key("expect").begin_object().key("keys").begin_array();
    for (const auto& record : replayed->page.records) out.text((record.deleted ? "-" : "") + record.external_id);
    out.end().key("last").boolean(replayed->page.last).end().end().end().end();
    return "# Recorded from a live system by `tributary connector test --save-fixtures`; personal values are "
           "replaced.\n"
           "# Read it once before you share it: a value that reads like a code is kept.\n" +
           value::to_pretty_json(out.take().root()) + "\n";
}

}  // namespace tributary::app
