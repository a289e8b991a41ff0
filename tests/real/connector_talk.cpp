// connector_talk: drives one connector of the house against a real system, for the live tests.
//
//   connector_talk CONNECTORS_FOLDER CONNECTION.json < COMMANDS > RESULTS
//
// CONNECTION.json: {"connector": ..., "settings": {...}, "credentials": {...}, "networks": ["127.0.0.0/8"]}.
// Commands and results are one JSON object a line: {"do": "pull", "stream": s, "cursor": c}, {"do": "fetch", "stream":
// s, "id": i}, {"do": "push", "action": a, "items": [{"record": {...}, "remote_id": r, "deleted": false}]}, {"do":
// "look_up", "action": a, "items": [one]}, {"do": "check"}. With a third argument every exchange is appended to that
// file.
#include <fstream>
#include <iostream>
#include <sstream>

#include "connectors/built_in.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

namespace {

std::string contents(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

// Writes down what goes by. For fixtures: credentials are in it, so it is only used against systems made for tests.
class Recorder final : public net::HttpClient {
  public:
    Recorder(net::HttpClient& inner, std::string file) : inner_(inner), file_(std::move(file)) {}
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override {
        const auto asked = request;
        auto result = co_await inner_.send(std::move(request), options);
        if (file_.empty()) co_return result;
        value::Builder out;
        out.begin_object().key("method").text(asked.method).key("url").text(asked.url).key("body").text(asked.body);
        if (result)
            out.key("status").integer(result->status).key("answer").text(result->body);
        else
            out.key("failure").text(result.error().error.text());
        std::ofstream(file_, std::ios::app) << value::to_json(out.end().take().root()) << "\n";
        co_return result;
    }

  private:
    net::HttpClient& inner_;
    std::string file_;
};

void put_error(value::Builder& out, const Error& error) {
    out.key("error").begin_object().key("fault").text(name_of(error.fault)).key("text").text(error.text());
    if (error.retry_after) out.key("retry_after_ms").integer(error.retry_after->count());
    out.end();
}

void put_record(value::Builder& out, const connector::SourceRecord& record) {
    const auto json = value::parse_json(record.json).value();
    out.begin_object()
        .key("id")
        .text(record.external_id)
        .key("deleted")
        .boolean(record.deleted)
        .key("record")
        .copy(json.root())
        .end();
}

void put_receipt(value::Builder& out, const connector::Receipt& receipt) {
    if (receipt.remote_id) out.key("remote_id").text(*receipt.remote_id);
    out.key("already_applied").boolean(receipt.already_applied);
}

class Talk {
  public:
    Talk(connector::Connector& connector, run::Loop& loop) : connector_(connector), loop_(loop) {}

    value::Document answer(value::Node command) {
        out_.begin_object();
        const auto what = command.find("do").text();
        if (what == "pull")
            pull(command);
        else if (what == "fetch")
            fetch(command);
        else if (what == "push")
            push(command);
        else if (what == "look_up")
            look_up(command);
        else
            check();
        return out_.end().take();
    }

  private:
    void pull(value::Node command) {
        const auto page = run::run_blocking(loop_, connector_.source()->pull(command.find("stream").scalar_text(),
                                                                             {command.find("cursor").scalar_text()}));
        if (!page) return put_error(out_, page.error());
        out_.key("cursor")
            .text(page->cursor.json)
            .key("last")
            .boolean(page->last)
            .key("broken")
            .integer(static_cast<std::int64_t>(page->broken.size()));
        if (page->total) out_.key("total").integer(static_cast<std::int64_t>(*page->total));
        out_.key("records").begin_array();
        for (const auto& record : page->records) put_record(out_, record);
        out_.end();
    }

    void fetch(value::Node command) {
        const auto record = run::run_blocking(
            loop_, connector_.source()->fetch(command.find("stream").scalar_text(), command.find("id").scalar_text()));
        if (!record) return put_error(out_, record.error());
        out_.key("record");
        put_record(out_, *record);
    }

    std::vector<connector::Push> items(value::Node command) {
        std::vector<connector::Push> out;
        for (const auto item : command.find("items")) {
            value::Builder record;
            connector::Push push{.idempotency_key = item.find("idempotency_key").scalar_text(),
                                 .record = record.copy(item.find("record")).take()};
            if (const auto id = item.find("remote_id")) push.remote_id = id.scalar_text();
            push.deleted = item.find("deleted").boolean();
            out.push_back(std::move(push));
        }
        return out;
    }

    void push(value::Node command) {
        const auto outcomes =
            run::run_blocking(loop_, connector_.sink()->push(command.find("action").scalar_text(), items(command)));
        out_.key("outcomes").begin_array();
        for (const auto& outcome : outcomes) {
            out_.begin_object().key("ambiguous").boolean(outcome.ambiguous);
            if (outcome.result)
                put_receipt(out_, *outcome.result);
            else
                put_error(out_, outcome.result.error());
            out_.end();
        }
        out_.end();
    }

    void look_up(value::Node command) {
        const auto all = items(command);
        const auto found =
            run::run_blocking(loop_, connector_.sink()->look_up(command.find("action").scalar_text(), all.at(0)));
        if (!found) return put_error(out_, found.error());
        out_.key("found").boolean(found->has_value());
        if (*found) put_receipt(out_, **found);
    }

    void check() {
        const auto done = run::run_blocking(loop_, connector_.check());
        if (!done) return put_error(out_, done.error());
        out_.key("ok").boolean(true);
    }

    connector::Connector& connector_;
    run::Loop& loop_;
    value::Builder out_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    connector::Registry registry;
    connectors::add_built_in(registry);
    spec::Problems problems;
    registry.load(arguments[1], problems);
    if (!problems.ok()) std::cerr << problems.text();
    const auto connection = value::parse_json(contents(arguments[2]));
    if (!connection) return 2;
    const auto root = connection->root();

    run::Loop loop("talk");
    run::SystemTimers timers;
    run::Pool pool("blocking", 1);
    crypto::SystemRandom random;
    Log log(LogLevel::warn);
    net::CurlClient curl(loop);
    Recorder http(curl, count > 3 ? arguments[3] : "");
    value::Builder settings;
    connector::Setup setup{.connection = "live",
                           .settings = settings.copy(root.find("settings")).take(),
                           .http = http,
                           .timers = timers,
                           .blocking = pool,
                           .random = random,
                           .log = log};
    for (const auto network : root.find("networks"))
        setup.network.egress.networks.push_back(net::Network::parse(network.text()).value());
    setup.credential = [&](std::string_view field) -> Result<crypto::SecretBytes> {
        return crypto::SecretBytes(root.find("credentials").find(field).scalar_text());
    };
    auto connector = registry.build(root.find("connector").text(), std::move(setup));
    if (!connector) {
        std::cerr << connector.error().text() << "\n";
        return 1;
    }
    Talk talk(**connector, loop);
    for (std::string line; std::getline(std::cin, line);) {
        const auto command = value::parse_json(line);
        if (!command) return 2;
        std::cout << value::to_json(talk.answer(command->root()).root()) << std::endl;
    }
}
