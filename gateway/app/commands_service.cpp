#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/catalogue.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/input.hpp"
#include "gateway/app/share.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/service/case_record.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

struct ServiceOptions {
    std::string file, kind = "email", subject, connection = "try";
};

std::optional<service::Rulebook> rules_for(const Common& common, spec::Problems& problems) {
    auto catalogue = std::filesystem::exists(common.config) ? load_catalogue(common.config, share_folder(), problems)
                                                            : load_share(share_folder(), problems);
    if (!catalogue) return std::nullopt;
    if (!catalogue->service)
        problems.add({common.config.string(), {}, {}}, "has no `service` section: without it messages make no cases");
    return std::move(catalogue->service);
}

// A JSON object is an interaction; anything else is the text of a message that came in just now.
value::Document message_of(const ServiceOptions& options, const std::string& text) {
    if (auto json = value::parse_json(text); json && json->root().is(value::Kind::object)) return std::move(*json);
    value::Builder out;
    out.begin_object().key("kind").text(options.kind).key("direction").text("inbound").key("body").text(text);
    if (!options.subject.empty()) out.key("subject").text(options.subject);
    out.key("started_at").text(record::timestamp_text(SystemClock().now())).end();
    return out.take();
}

int try_rules(const Common& common, const ServiceOptions& options) {
    spec::Problems problems;
    auto book = rules_for(common, problems);
    std::cerr << problems.text();
    if (!book) return 1;
    auto text = read_input(options.file);
    if (!text) return report(common, text.error());
    auto message = message_of(options, *text);
    auto judgement = book->judge(options.connection, message.root());
    const auto* verdict = judgement.spoken ? judgement.verdict() : nullptr;
    value::Builder out;
    out.begin_object().key("spoken").boolean(judgement.spoken);
    if (verdict) {
        out.key("rule").text(verdict->rule).key("because").text(verdict->because);
        auto at = record::parse_timestamp(message.root().find("started_at").text()).value_or(SystemClock().now());
        auto opened = service::open_case(*book, judgement, {"try", {}, at, message.root(), true}, "C-00000-00000");
        out.key("case").copy(opened.root());
    } else if (!judgement.ignored_by.empty()) {
        out.key("ignored_by").text(judgement.ignored_by);
    }
    auto result = out.end().take();
    if (common.json) {
        print(common, result.root());
    } else if (verdict) {
        std::cout << "rule " << verdict->rule << (verdict->because.empty() ? "" : ": ") << verdict->because << "\n\n"
                  << value::to_pretty_json(result.root().find("case")) << '\n';
    } else {
        std::cout << (!judgement.spoken ? "no case: no customer wrote this (outbound, own author, or `never`)"
                      : !judgement.ignored_by.empty() ? "no case: rule " + judgement.ignored_by + " ignores it"
                                                      : "no case: no rule fits")
                  << '\n';
    }
    return 0;
}

}  // namespace

void add_service_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<ServiceOptions>();  // the callback holds it
    auto* service = app.add_subcommand("service", "rules that turn messages of customers into cases");
    service->require_subcommand(1);
    auto* command = service->add_subcommand("try", "show what the rules make of one message");
    command->add_option("file", options->file, "its text, or an interaction as JSON; - for standard input")->required();
    command->add_option("--kind", options->kind, "of a message given as text")->capture_default_str();
    command->add_option("--subject", options->subject, "of a message given as text");
    command->add_option("--connection", options->connection, "where it came from")->capture_default_str();
    command->callback([&common, options] { common.run = [&common, options] { return try_rules(common, *options); }; });
}

}  // namespace tributary::app
