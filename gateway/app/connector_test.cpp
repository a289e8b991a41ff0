// `connector test`: check, then one page of each stream through its mapping, over the live connection. Nothing is
// stored: no checkpoint moves, no record is kept, nothing is delivered.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

#include "gateway/app/bound_client.hpp"
#include "gateway/app/connection_setup.hpp"
#include "gateway/app/connector_commands.hpp"
#include "gateway/app/credentials.hpp"
#include "gateway/app/fixture_recorder.hpp"
#include "gateway/app/share.hpp"
#include "gateway/base/text.hpp"
#include "gateway/mapping/trace.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/plain_path.hpp"

namespace tributary::app {
namespace {

struct Step {
    std::string connection, what, outcome;
    std::size_t records = 0, accepted = 0, skipped = 0, quarantined = 0;
    std::string more;  // of a stream: whether another page follows
    std::string detail;
    // What a page without errors may still hide: a cursor that no record has, fields of the mapping that none has.
    std::vector<std::string> notes;
};

class Trial {
  public:
    Trial(const Catalogue& catalogue, Foundation& foundation, Log& log, std::filesystem::path save_to)
        : catalogue_(catalogue), foundation_(foundation), log_(log), save_to_(std::move(save_to)) {}

    void run(const ConnectionConfig& connection) {
        auto built = connect(connection);
        if (!built) return failed(connection.name, "connect", built.error());
        auto checked = run::run_blocking(loop_, (*built)->check());
        if (!checked) return failed(connection.name, "check", checked.error());
        steps_.push_back({connection.name, "check", "ok"});
        built->reset();
        for (const auto& [name, stream] : connection.streams) run_stream(connection, name, stream);
    }

    const std::vector<Step>& steps() const { return steps_; }
    const std::vector<std::filesystem::path>& saved() const { return saved_; }
    // The first error, by which the exit code is chosen.
    const std::optional<Error>& error() const { return error_; }

  private:
    Result<std::unique_ptr<connector::Connector>> connect(const ConnectionConfig& connection) {
        auto& client = clients_.emplace_back(
            std::make_unique<BoundClient>(recording_, *foundation_.vault, secrets_of(connection)));
        TRY(auto setup, connection_setup(connection, catalogue_.config, foundation_, {*client, timers_, pool_, log_}));
        return catalogue_.connectors.build(connection.connector.value, std::move(setup));
    }

    void failed(const std::string& connection, std::string what, const Error& error) {
        steps_.push_back({.connection = connection,
                          .what = std::move(what),
                          .outcome = std::string(name_of(error.fault)),
                          .detail = error.text()});
        if (!error_) error_ = error;
    }

    // Each stream on a connection of its own, so that a log-in is part of what is recorded.
    void run_stream(const ConnectionConfig& connection, const std::string& name, const StreamConfig& stream) {
        const auto what = "stream " + name;
        auto built = connect(connection);
        if (!built) return failed(connection.name, what, built.error());
        if (!(*built)->source()) {
            steps_.push_back({.connection = connection.name,
                              .what = what,
                              .outcome = "webhook",
                              .detail = "comes by webhook alone: nothing to read"});
            return;
        }
        std::ignore = recording_.take();
        auto page = run::run_blocking(loop_, (*built)->source()->pull(name, {}));
        if (!page) return failed(connection.name, what, page.error());
        FixtureMasks masks;
        judge(connection, what, stream, *page, masks);
        if (!save_to_.empty()) save(connection, name, masks);
    }

    void judge(const ConnectionConfig& connection, const std::string& what, const StreamConfig& stream,
               const connector::Page& page, FixtureMasks& masks) {
        const auto& plan = *catalogue_.plans.find(stream.mapping.value)->second;
        Step step{.connection = connection.name, .what = what, .outcome = "ok", .more = page.last ? "no" : "yes"};
        mapping::Scratch scratch;
        std::map<std::string, bool> found;  // sources of the mapping, and whether any record has them
        for (const auto& record : page.records) {
            ++step.records;
            const auto source = value::parse_json(record.json);
            if (!source) {
                ++step.quarantined;
                continue;
            }
            mapping::Trace trace;
            const auto mapped = plan.run(source->root(), scratch, trace);
            masks.learn(trace, catalogue_.model.entity(plan.to()));
            for (const auto& line : trace.lines())
                if (!line.source.empty() && line.outcome != "not asked")
                    found[value::without_indexes(line.source)] |= line.kind != value::Kind::missing;
            ++(mapped.skipped ? step.skipped : mapped.accepted() ? step.accepted : step.quarantined);
            for (const auto& issue : mapped.issues)
                if (step.detail.empty() && issue.level == mapping::Level::quarantine) step.detail = issue.text();
        }
        step.quarantined += page.broken.size();
        if (step.detail.empty() && !page.broken.empty()) step.detail = page.broken.front().error.text();
        if (step.quarantined > 0) {
            step.outcome = "bad_input";
            if (!error_) error_ = Error{Fault::bad_input, step.detail, what};
        }
        for (const auto& [source, there] : found)
            if (!there) step.notes.push_back("no record has '" + source + "', which the mapping reads");
        if (step.records > 0 && !cursor_seen(connection, what, page))
            step.notes.emplace_back("no record has the cursor's field: each run would read everything");
        steps_.push_back(std::move(step));
    }

    // A cursor of an engine of its own is not looked into.
    bool cursor_seen(const ConnectionConfig& connection, const std::string& what, const connector::Page& page) const {
        const auto* about = catalogue_.connectors.find(connection.connector.value);
        const auto* stream =
            about && !about->built_in ? about->stream(what.substr(std::string_view("stream ").size())) : nullptr;
        const auto cursor = value::parse_json(page.cursor.json);
        if (!stream || !stream->incremental || !cursor) return true;
        return cursor->root().find("since") || cursor->root().find("high") || cursor->root().find("delta");
    }

    void save(const ConnectionConfig& connection, const std::string& name, FixtureMasks& masks) {
        auto answers = recording_.take();
        if (answers.empty())
            return failed(connection.name, "save " + name,
                          {Fault::bad_input, "nothing went over HTTP, and only that can be saved", {}});
        if (const auto* about = catalogue_.connectors.find(connection.connector.value))
            for (const auto& field : about->credentials) hide(connection, field.name, masks);
        for (const auto& [field, _] : connection.credentials.fields) hide(connection, field, masks);
        Recording recording{.connector = connection.connector.value, .stream = name, .answers = std::move(answers)};
        recording.now = std::chrono::floor<std::chrono::seconds>(foundation_.clock.now());
        value::Builder empty;
        empty.begin_object().end();
        recording.settings = connection.settings ? spec::to_document(*connection.settings) : empty.take();
        auto text = fixture_text(catalogue_.connectors, recording, masks, log_);
        if (!text) return failed(connection.name, "save " + name, text.error());
        std::error_code ignored;  // the file tells
        std::filesystem::create_directories(save_to_, ignored);
        const auto file = save_to_ / (name + ".yaml");
        std::ofstream out(file, std::ios::binary);
        out << *text;
        out.close();
        if (!out)
            return failed(connection.name, "save " + name,
                          {Fault::bad_config, "this file cannot be written", file.string()});
        saved_.push_back(file);
    }

    void hide(const ConnectionConfig& connection, const std::string& field, FixtureMasks& masks) {
        const auto reader = credential_reader(connection, *foundation_.vault);
        if (!reader) return;
        if (const auto secret = reader(field)) masks.secret(std::string(secret->reveal()), "fixture-" + field);
    }

    const Catalogue& catalogue_;
    Foundation& foundation_;
    Log& log_;
    std::filesystem::path save_to_;
    run::SystemTimers timers_;
    run::Loop loop_{"test"};
    run::Pool pool_{"work", 2};
    net::CurlClient http_{loop_};
    RecordingHttp recording_{http_};
    std::vector<std::unique_ptr<BoundClient>> clients_;  // of the connections
    std::vector<Step> steps_;
    std::vector<std::filesystem::path> saved_;
    std::optional<Error> error_;
};

void write_count(value::Builder& out, std::string_view name, std::size_t count) {
    out.key(name).integer(static_cast<std::int64_t>(count));
}

void print_trial(const Common& common, const Trial& trial) {
    value::Builder out;
    out.begin_object().key("steps").begin_array();
    for (const auto& step : trial.steps()) {
        out.begin_object().key("connection").text(step.connection).key("step").text(step.what);
        out.key("outcome").text(step.outcome);
        write_count(out, "records", step.records);
        write_count(out, "accepted", step.accepted);
        write_count(out, "skipped", step.skipped);
        write_count(out, "quarantined", step.quarantined);
        out.key("more").text(step.more);
        out.key("detail").text(step.detail).end();
    }
    out.end();
    if (!trial.saved().empty()) {
        out.key("saved").begin_array();
        for (const auto& file : trial.saved()) out.text(file.string());
        out.end();
    }
    const bool noted = std::ranges::any_of(trial.steps(), [](const Step& step) { return !step.notes.empty(); });
    if (noted) {
        out.key("notes").begin_array();
        for (const auto& step : trial.steps())
            for (const auto& note : step.notes) {
                out.begin_object().key("connection").text(step.connection).key("step").text(step.what);
                out.key("note").text(note).end();
            }
        out.end();
    }
    out.end();
    const auto document = out.take();
    print(common, document.root());
}

int test(const Common& common, const std::string& name, const std::string& save_to) {
    spec::Problems problems;
    const auto catalogue = load_catalogue(common.config, share_folder(), problems);
    std::cerr << problems.text();
    if (!catalogue) return 1;
    std::vector<const ConnectionConfig*> chosen;
    std::vector<std::string> names;
    for (const auto& connection : catalogue->config.connections) {
        names.push_back(connection.name);
        if (connection.name == name) chosen = {&connection};
    }
    if (chosen.empty())
        for (const auto& connection : catalogue->config.connections)
            if (connection.connector.value == name) chosen.push_back(&connection);
    if (chosen.empty()) {
        const auto near = nearest(name, names);
        return report(common, {Fault::bad_input,
                               near ? "no connection has this name or connector: did you mean " + *near + "?"
                                    : "no connection of the configuration has this name or connector",
                               name});
    }
    Log log(common.log_level);
    auto foundation = Foundation::open(catalogue->config, log);
    if (!foundation) return report(common, foundation.error());
    Trial trial(*catalogue, **foundation, log, save_to);
    for (const auto* connection : chosen) trial.run(*connection);
    print_trial(common, trial);
    return trial.error() ? report(common, *trial.error()) : 0;
}

}  // namespace

void add_connector_test(CLI::App& group, Common& common) {
    struct Options {
        std::string name, save_to;
    };
    auto options = std::make_shared<Options>();  // the callbacks hold it
    auto* command = group.add_subcommand("test", "check a live connection and read one page of each of its streams");
    command->add_option("connection", options->name, "a connection, or a connector: all connections of it")->required();
    command->add_option("--save-fixtures", options->save_to,
                        "write what was answered, without personal values, as fixtures into this folder");
    command->callback([&common, options] {
        common.run = [&common, options] { return test(common, options->name, options->save_to); };
    });
}

}  // namespace tributary::app
