// doctor, report, alerts incident, queue drain. The other commands of the watch stand among commands_operator.cpp.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <thread>

#include "gateway/app/catalogue.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/doctor_snapshot.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/report_schedule.hpp"
#include "gateway/app/share.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/watch/doctor.hpp"

namespace tributary::app {
namespace {

struct WatchOptions {
    std::string report, out, destination, timeout = "10m", since, until;
    std::int64_t alert = 0;
};

// What a gateway says of itself, or why it cannot be asked, as members of an open object. Whether one runs.
bool write_inner(const Common& common, value::Builder& out) {
    Log log(common.log_level);
    const auto desk = GatewayDesk::open(common.config, log);
    if (!desk) {
        // Keys come after the configuration and before the store.
        const bool keys = desk.error().text().find("key") != std::string::npos;
        out.key(keys ? "vault_error" : "config_error").text(desk.error().text());
        return false;
    }
    const bool runs = (*desk)->local() == nullptr;
    value::Builder none;
    none.begin_object().end();
    const auto inner = (*desk)->ask("doctor", none.take());
    if (inner)
        for (auto member : inner->root()) out.key(member.key()).copy(member);
    else
        out.key("store").begin_object().key("failed").text(inner.error().text()).end();
    return runs;
}

int doctor(const Common& common) {
    spec::Problems problems;
    Environment environment;
    const auto config = load_config(common.config, share_folder(), environment, problems);
    value::Builder out;
    out.begin_object();
    bool runs = false;
    if (config) {
        runs = write_inner(common, out);
        write_outer_snapshot(out, *config, !runs);
    } else {
        std::cerr << problems.text();
        out.key("config_error").text(std::to_string(problems.errors()) + " problems, see above");
    }
    const auto snapshot = out.end().take();
    const auto findings = watch::examine(snapshot.root());
    if (common.json) {
        value::Builder answer;
        answer.begin_object().key("ok").boolean(findings.empty()).key("running").boolean(runs);
        answer.key("findings").begin_array();
        for (const auto& one : findings) {
            answer.begin_object()
                .key("severity")
                .text(one.severity)
                .key("rule")
                .text(one.rule)
                .key("what")
                .text(one.what);
            answer.key("why").text(one.why).key("todo").text(one.todo).end();
        }
        const auto document = answer.end().end().take();
        print(common, document.root());
    } else {
        std::cout << (runs ? "the gateway runs\n" : "the gateway does not run\n");
        for (const auto& one : findings)
            std::cout << '\n'
                      << one.severity << ": " << one.what << "\n  why: " << one.why << "\n  do:  " << one.todo
                      << "\n  see: docs/runbook.md#" << one.rule << '\n';
        if (findings.empty()) std::cout << "nothing is wrong\n";
    }
    return findings.empty() ? 0 : 1;
}

int write_report(const Common& common, const WatchOptions& options) {
    value::Builder arguments;
    arguments.begin_object().key("report").text(options.report);
    const auto answer = ask_desk(common, "report", std::move(arguments));
    if (!answer) return report(common, answer.error());
    const auto html = answer->root().find("html").text();
    if (options.out.empty()) {
        std::cout << html;
        return 0;
    }
    if (auto written = write_whole(options.out, html); !written) return report(common, written.error());
    value::Builder out;
    out.begin_object().key("written").text(options.out).key("summary").text(answer->root().find("summary").text());
    const auto document = out.end().take();
    print(common, document.root());
    return 0;
}

int incident(const Common& common, const WatchOptions& options) {
    value::Builder arguments;
    arguments.begin_object().key("id").integer(options.alert);
    for (const auto& [name, text] :
         {std::pair{"destination", &options.destination}, {"since", &options.since}, {"until", &options.until}})
        if (!text->empty()) arguments.key(name).text(*text);
    const auto answer = ask_desk(common, "alerts.incident", std::move(arguments));
    if (!answer) return report(common, answer.error());
    if (!options.out.empty())
        if (auto written = write_whole(options.out, answer->root().find("text").text()); !written)
            return report(common, written.error());
    if (common.json)
        print(common, answer->root());
    else if (options.out.empty())
        std::cout << answer->root().find("text").text();
    return 0;
}

// Looks until nothing of a destination waits. What is blocked or paused will not leave by waiting.
int drain(const Common& common, const WatchOptions& options) {
    using std::chrono::steady_clock;
    const auto timeout = parse_duration(options.timeout);
    if (!timeout) return report(common, Error(timeout.error()).in("--timeout"));
    Log log(common.log_level);
    const auto desk = GatewayDesk::open(common.config, log);
    if (!desk) return report(common, desk.error());
    if ((*desk)->local())
        return report(
            common, {Fault::refused, "no gateway runs, so nothing is delivered: `tributary run` first", "queue drain"});
    const auto ends = steady_clock::now() + *timeout;
    for (std::int64_t shown = -1;;) {
        value::Builder arguments;
        arguments.begin_object().key("destination").text(options.destination).end();
        const auto answer = (*desk)->ask("queue.summary", arguments.take());
        if (!answer) return report(common, answer.error());
        const auto one = answer->root().find("destinations").at(0);
        const auto items = one.find("items").integer();
        if (items != shown && !common.json) std::cerr << items << " items wait for " << options.destination << '\n';
        shown = items;
        if (items == 0) {
            print(common, one);
            return 0;
        }
        std::string hindered;
        if (one.find("paused").boolean()) hindered = "it is paused: " + std::string(one.find("reason").text());
        if (one.find("blocked_items").integer() == items)
            hindered = "all that waits is blocked: `tributary queue lanes --blocked`";
        if (hindered.empty() && steady_clock::now() >= ends) hindered = "it was not empty in time";
        if (!hindered.empty())
            return report(common, {Fault::transient, hindered + "; " + std::to_string(items) + " items wait",
                                   options.destination});
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
}

}  // namespace

void add_watch_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<WatchOptions>();  // the callbacks hold it
    app.add_subcommand("doctor", "what is wrong, why it matters, and what to do; exits with 0 when nothing is")
        ->callback([&common] { common.run = [&common] { return doctor(common); }; });

    auto* reports = app.add_subcommand("report", "one page for people: review or quality");
    reports->add_option("report", options->report, "review or quality")
        ->required()
        ->check(CLI::IsMember({"review", "quality"}));
    reports->add_option("--out", options->out, "the file; default: standard output");
    reports->callback(
        [&common, options] { common.run = [&common, options] { return write_report(common, *options); }; });

    auto* incidents = app.get_subcommand("alerts")->add_subcommand("incident", "a page to report a breach with");
    incidents->add_option("id", options->alert, "the alert")->required();
    incidents->add_option("--destination", options->destination, "count what was told to it alone");
    incidents->add_option("--since", options->since, "default: a day before the alert");
    incidents->add_option("--until", options->until, "default: when the alert was last raised");
    incidents->add_option("--out", options->out, "the file; default: standard output");
    incidents->callback([&common, options] { common.run = [&common, options] { return incident(common, *options); }; });

    auto* drains = app.get_subcommand("queue")->add_subcommand("drain", "wait until nothing of a destination waits");
    drains->add_option("destination", options->destination)->required();
    drains->add_option("--timeout", options->timeout, "then give up with exit code 3")->capture_default_str();
    drains->callback([&common, options] { common.run = [&common, options] { return drain(common, *options); }; });
}

}  // namespace tributary::app
