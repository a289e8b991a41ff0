#include <CLI/CLI.hpp>
#include <iostream>
#include <map>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/progress.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

Result<value::Document> execute(const Common& common, const std::string& operation, value::Document arguments) {
    Log log(common.log_level);
    TRY(const auto desk, GatewayDesk::open(common.config, log));
    if (auto* local = desk->local(); local && operation == "sync.run")
        return sync_with_progress(*local, arguments.root(), !common.json);
    return desk->ask(operation, std::move(arguments));
}

// One command line option of an operation and the kind of its argument.
struct Argument {
    enum class Kind { text, integer, flag };
    const char* option;
    const char* name;
    Kind kind = Kind::text;
    const char* about = "";
    bool needed = false;
};

struct OperatorCommand {
    const char* group;  // nullptr: stands alone
    const char* name;
    const char* operation;
    const char* about;
    std::vector<Argument> arguments;
};

using Takes = Argument::Kind;

const std::vector<Argument> kLetterFilter = {
    {"--stage", "stage", Takes::text, "read, decode, map, consent, deliver, poison"},
    {"--connection", "connection"},
    {"--destination", "destination"},
    {"--entity", "entity"},
    {"--cause", "cause", Takes::text, "a part of the cause's text"},
    {"--mapping-version", "mapping_version"},
    {"--record", "record", Takes::text, "uid of a record"},
    {"--customer", "customer", Takes::text, "uid of a customer"},
    {"--since", "since", Takes::text, "failed at or after this time"},
    {"--before", "before", Takes::text, "failed before this time"},
    {"--limit", "limit", Takes::integer},
};

std::vector<Argument> with(std::vector<Argument> arguments, std::vector<Argument> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::vector<OperatorCommand> operator_commands() {
    std::vector<Argument> stream{{"connection", "connection", Takes::text, "", true},
                                 {"stream", "stream", Takes::text, "", true}};
    std::vector<Argument> person{{"--customer", "customer", Takes::text, "uid of a customer"},
                                 {"--connection", "connection"},
                                 {"--external-id", "external_id"}};
    std::vector<Argument> pair{{"a", "a", Takes::text, "uid of a record", true},
                               {"b", "b", Takes::text, "uid of another", true}};
    std::vector<Argument> destination{{"destination", "destination", Takes::text, "", true}};
    std::vector<Argument> connection{{"connection", "connection", Takes::text, "", true}};
    std::vector<Argument> request{{"request", "request", Takes::text, "uid of a request", true}};
    std::vector<Argument> customer{{"customer", "customer", Takes::text, "uid of a customer", true}};
    const Argument by{"--by", "by", Takes::text, "who does it"};
    const Argument read_for{"--purpose", "read_for", Takes::text, "what personal values are read for"};
    return {
        {nullptr, "status", "status", "what happened to every record so far, by stream and destination", {}},
        {nullptr,
         "quality",
         "quality",
         "drift and data-quality issues by field",
         {{"--connection", "connection"}, {"--stream", "stream"}}},
        {"sync", "run", "sync.run", "sync one stream now",
         with(stream, {{"--from-start", "from_start", Takes::flag, "forget the checkpoint"}})},
        {"sync", "status", "sync.status", "the newest runs", {{"--connection", "connection"}, {"--stream", "stream"}}},
        {"sync", "reset", "sync.reset", "forget a stream's checkpoint: its next run reads everything", stream},
        {"queue", "list", "queue.list", "dead letters",
         with(kLetterFilter, {{"--redriven", "redriven", Takes::flag, "those taken up again"},
                              {"--after", "after", Takes::integer, "the last id of the page before"}})},
        {"queue",
         "show",
         "queue.show",
         "one dead letter",
         {{"id", "id", Takes::integer, "", true},
          {"--payload", "payload", Takes::flag, "with its record, personal values included"},
          read_for}},
        {"queue", "redrive", "queue.redrive", "take dead letters up again; a dry run unless --confirm",
         with(kLetterFilter, {{"--confirm", "confirm", Takes::flag, "do it"}})},
        {"queue", "drop", "queue.drop", "remove one dead letter for good", {{"id", "id", Takes::integer, "", true}}},
        {"queue",
         "lanes",
         "queue.oldest",
         "what waits, by customer, the longest first",
         {{"--destination", "destination"},
          {"--customer", "customer"},
          {"--blocked", "blocked", Takes::flag},
          {"--older-than", "older_than", Takes::text, "whose oldest item waits longer, such as 2h"},
          {"--limit", "limit", Takes::integer}}},
        {"queue", "summary", "queue.summary", "what waits, by destination", {{"--destination", "destination"}}},
        {"queue",
         "withheld",
         "queue.withheld",
         "what consent keeps back, with the reason",
         {{"--destination", "destination"}}},
        {"queue", "pause", "queue.pause", "send nothing to a destination", with(destination, {{"--reason", "reason"}})},
        {"queue", "resume", "queue.resume", "send again", destination},
        {"queue", "unblock", "queue.unblock", "let a blocked lane go on", {{"lane", "lane", Takes::integer, "", true}}},
        {"connection", "pause", "connection.pause", "read, accept and deliver nothing; what is queued waits",
         with(connection, {{"--reason", "reason"}})},
        {"connection", "resume", "connection.resume", "go on", connection},
        {"node", "list", "node.list", "the gateways on this store, when several share it", {}},
        {"alerts",
         "list",
         "alerts.list",
         "open alerts",
         {{"--all", "all", Takes::flag, "acknowledged ones too"},
          {"--before", "before", Takes::integer, "the last id of the page before"}}},
        {"alerts",
         "ack",
         "alerts.ack",
         "somebody looks after it",
         {{"id", "id", Takes::integer, "", true}, {"--note", "note", Takes::text, "what was found or done"}}},
        {"consent", "show", "consent.show", "what a person agreed to, and what follows from it for each purpose",
         person},
        {"consent", "record", "consent.record", "record one consent act",
         with(person,
              {{"--purpose", "purpose", Takes::text, "", true},
               {"--state", "state", Takes::text, "given, refused, withdrawn, ...", true},
               {"--channel", "channel"},
               {"--origin", "origin", Takes::text, "subject, guardian, agent_on_behalf, system"},
               {"--event-time", "event_time"},
               {"--valid-until", "valid_until"},
               {"--reason", "reason"},
               {"--email", "email", Takes::text, "only this address of the person"},
               {"--basis", "lawful_basis", Takes::text, "consent, explicit_consent, pipl_separate_consent, ..."},
               {"--proof", "proof", Takes::text, "signed_form, doi_token, ..."},
               {"--doi-confirmed-at", "doi_confirmed_at", Takes::text,
                "when the person answered the confirmation mail, for purposes with needs_doi"}})},
        {"consent", "doi-request", "consent.doi_request", "ask a person back: makes the link of a confirmation message",
         with(person,
              {{"--purpose", "purpose", Takes::text, "", true},
               {"--channel", "channel"},
               {"--email", "email", Takes::text, "the address that asked; without it the consent is for all"}})},
        {"consent",
         "tasks",
         "consent.tasks",
         "what destinations still have to be told of withdrawals and erasures",
         {{"--state", "state", Takes::text,
           "pending, sent, confirmed, unsupported, failed; default: all but confirmed"},
          {"--kind", "kind", Takes::text, "withdraw, erase, rectify, restrict"},
          {"--destination", "destination"},
          {"--request", "request", Takes::text, "uid of a consent event or a subject request"},
          {"--overdue", "overdue", Takes::flag, "only those that should have been done by now"},
          {"--after", "after", Takes::integer, "the last id of the page before"}}},
        {"consent",
         "task-done",
         "consent.task_done",
         "you told the destination yourself: closes the task",
         {{"id", "id", Takes::integer, "", true},
          {"--note", "note", Takes::text, "how and by whom; no personal values", true}}},
        {"consent",
         "task-retry",
         "consent.task_retry",
         "try a failed or unsupported task again",
         {{"id", "id", Takes::integer, "", true}}},
        {"customer", "list", "customer.list", "customers, a page of ids", {{"--after", "after"}}},
        {"customer",
         "show",
         "customer.show",
         "golden view and source records; the reading is audited",
         {{"customer", "customer", Takes::text, "uid", true}, read_for}},
        {"customer", "link", "customer.link", "these two records are one customer", pair},
        {"customer", "separate", "customer.separate", "these two records are not one customer", pair},
        {"customer", "undecide", "customer.undecide", "take back what was decided by hand", pair},
        {"subject",
         "request",
         "subject.request",
         "take in what a person asks of their data",
         {{"kind", "kind", Takes::text, "access, portability, rectification, erasure, restriction, objection, withdraw",
           true},
          {"--customer", "customer", Takes::text, "uid of a customer; several with commas between", true},
          {"--regulation", "regulation", Takes::text, "gdpr (one month) or pipl (15 working days)"},
          by}},
        {"subject", "challenge", "subject.challenge", "make a code that proves who asks; you send it",
         with(request, {{"--to", "to", Takes::text, "a contact point that was known before", true}, by})},
        {"subject", "verify", "subject.verify", "who asks was proven, by a code or by what you saw",
         with(request, {{"--code", "code", Takes::text, "what came back"},
                        {"--attest", "attest", Takes::text, "what you saw, such as: passport, file 4711"},
                        by})},
        {"subject", "approve", "subject.approve", "let a verified request run; shows what it is about",
         with(request, {by})},
        {"subject", "reject", "subject.reject", "end a request, with the reason",
         with(request, {{"--reason", "reason", Takes::text, "", true}, by})},
        {"subject",
         "list",
         "subject.list",
         "open requests and their due dates",
         {{"--all", "all", Takes::flag, "those that ended too"},
          {"--overdue", "overdue", Takes::flag, "only those that are late"},
          {"--after", "after", Takes::text, "the last one of the page before"}}},
        {"subject", "show", "subject.show", "one request, and how far it is", request},
        {"subject", "hold", "subject.hold", "legal hold: not erased and not swept until it is released",
         with(customer, {{"--basis", "basis", Takes::text, "why: a reference, no personal value", true},
                         {"--until", "until", Takes::text, "a time; without it, until it is released"},
                         by})},
        {"subject", "release", "subject.release", "end a legal hold", with(customer, {by})},
        {"subject", "restrict", "subject.restrict", "keep the data and use them for hardly anything",
         with(customer, {{"--basis", "basis", Takes::text, "why: a reference, no personal value", true}, by})},
        {"subject", "unrestrict", "subject.unrestrict", "use them again", with(customer, {by})},
        {"subject",
         "readmit",
         "subject.readmit",
         "take in an erased person again, by what a source calls them",
         {{"--connection", "connection", Takes::text, "", true},
          {"--external-id", "external_id", Takes::text, "", true},
          {"--basis", "basis", Takes::text, "why: a reference, no personal value", true},
          by}},
        {"analytics",
         "export",
         "analytics.export",
         "write rows for reports, without names, of people who may be in them",
         {{"export", "export", Takes::text, "its name below analytics.exports", true}}},
        {"retention",
         "run",
         "retention.run",
         "remove what was kept long enough; reports each policy",
         {{"--dry-run", "dry_run", Takes::flag, "report only"}}},
        {"subscription", "list", "subscription.list", "where a system sends the webhooks of a connection", connection},
        {"subscription", "settle", "subscription.settle", "make, renew and put right what is missing", connection},
        {"subscription", "remove", "subscription.remove",
         "let the system send nothing more (pause the connection first if it asks for webhooks)", connection},
    };
}

struct Given {
    std::map<std::string, std::string> texts;
    std::map<std::string, std::int64_t> integers;
    std::map<std::string, bool> flags;
};

value::Document to_arguments(const Given& given) {
    value::Builder out;
    out.begin_object();
    for (const auto& [name, text] : given.texts)
        if (!text.empty()) out.key(name).text(text);
    for (const auto& [name, number] : given.integers) out.key(name).integer(number);
    for (const auto& [name, set] : given.flags)
        if (set) out.key(name).boolean(true);
    out.end();
    return out.take();
}

int finish(const Common& common, Result<value::Document> result) {
    if (!result) return report(common, result.error());
    print(common, result->root());
    return 0;
}

void add_command(CLI::App& parent, Common& common, const OperatorCommand& command) {
    auto* sub = parent.add_subcommand(command.name, command.about);
    auto given = std::make_shared<Given>();  // the callback holds it
    for (const auto& argument : command.arguments) {
        CLI::Option* option = nullptr;
        if (argument.kind == Takes::flag)
            option = sub->add_flag(argument.option, given->flags[argument.name], argument.about);
        else if (argument.kind == Takes::text)
            option = sub->add_option(argument.option, given->texts[argument.name], argument.about);
        else
            option = sub->add_option_function<std::int64_t>(
                argument.option,
                [given, name = std::string(argument.name)](std::int64_t number) { given->integers[name] = number; },
                argument.about);
        if (argument.needed) option->required();
    }
    sub->callback([&common, given, operation = std::string(command.operation)] {
        common.run = [&common, given, operation] {
            return finish(common, execute(common, operation, to_arguments(*given)));
        };
    });
}

}  // namespace

void add_operator_commands(CLI::App& app, Common& common) {
    std::map<std::string, CLI::App*> groups;
    const std::map<std::string, std::string> about{
        {"sync", "sync jobs"},
        {"queue", "what waits and what failed"},
        {"alerts", "signs of a breach or of trouble"},
        {"node", "gateways on one store"},
        {"connection", "work on configured connections"},
        {"consent", "consent events"},
        {"customer", "customers and their source records"},
        {"subject", "what people ask of their data: access, erasure, restriction, ..."},
        {"retention", "how long things are kept"},
        {"analytics", "exports for reports, without names"},
        {"subscription", "where systems send webhooks"}};
    for (const auto& command : operator_commands()) {
        CLI::App* parent = &app;
        if (command.group) {
            auto& group = groups[command.group];
            const auto named = [&](const CLI::App* one) { return one->get_name() == command.group; };
            if (const auto there = app.get_subcommands(named); !group && !there.empty()) group = there.front();
            if (!group) {
                group = app.add_subcommand(command.group, about.at(command.group));
                group->require_subcommand(1);
            }
            parent = group;
        }
        add_command(*parent, common, command);
    }
    add_consent_commands(*groups.at("consent"), common);
}

}  // namespace tributary::app
