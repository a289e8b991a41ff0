// user add|list|role|password|totp|remove, token add|list|revoke, approval list|show|confirm|refuse. The command line
// is the local operator; to be the second person of an approval one says who one is.
#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/secret_input.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

struct AccessOptions {
    std::string name, code, label, approval;
    std::vector<std::string> roles, permissions, addresses;
    std::int64_t days = 90;
    bool remove = false;
};

using SharedOptions = std::shared_ptr<AccessOptions>;  // the callbacks hold it
using Fill = std::function<Result<void>(const AccessOptions&, value::Builder&)>;

void write_texts(value::Builder& out, std::string_view key, const std::vector<std::string>& texts) {
    out.key(key).begin_array();
    for (const auto& one : texts) out.text(one);
    out.end();
}

int conclude_access(const Common& common, const Result<value::Document>& result) {
    if (!result) return report(common, result.error());
    print(common, result->root());
    return 0;
}

int ask_access(const Common& common, const AccessOptions& options, const std::string& operation, const Fill& fill) {
    value::Builder arguments;
    arguments.begin_object();
    if (auto filled = fill(options, arguments); !filled) return report(common, filled.error());
    Log log(common.log_level);
    const auto desk = GatewayDesk::open(common.config, log);
    if (!desk) return report(common, desk.error());
    return conclude_access(common, (*desk)->ask(operation, arguments.end().take()));
}

CLI::App* add_asking(CLI::App& group, Common& common, const SharedOptions& options, const char* name, const char* about,
                     std::string operation, Fill fill) {
    auto* command = group.add_subcommand(name, about);
    command->callback([&common, options, operation = std::move(operation), fill = std::move(fill)] {
        common.run = [&common, options, operation, fill] { return ask_access(common, *options, operation, fill); };
    });
    return command;
}

Result<void> put_name(const AccessOptions& options, value::Builder& out) {
    out.key("name").text(options.name);
    return {};
}

Result<void> put_password(const AccessOptions& options, value::Builder& out) {
    const auto password = read_secret("password of " + options.name);
    if (password.empty())
        return fail(Fault::bad_input, "an empty password: give it on standard input", "user " + options.name);
    out.key("name").text(options.name).key("password").text(password);
    return {};
}

Result<void> nothing(const AccessOptions&, value::Builder&) {
    return {};
}

void add_user_commands(CLI::App& app, Common& common, const SharedOptions& options) {
    auto* group = app.add_subcommand("user", "users of the admin face");
    group->require_subcommand(1);
    const auto named = [&](CLI::App* command) {
        command->add_option("name", options->name)->required();
        return command;
    };
    const auto with_roles = [&](CLI::App* command) {
        command
            ->add_option("--role", options->roles, "admin, operator, analyst, auditor, privacy_officer; may come again")
            ->required();
    };
    with_roles(named(add_asking(*group, common, options, "add", "add a user; the password is read from standard input",
                                "user.add", [](const AccessOptions& given, value::Builder& out) -> Result<void> {
                                    CHECK_OK(put_password(given, out));
                                    write_texts(out, "roles", given.roles);
                                    return {};
                                })));
    add_asking(*group, common, options, "list", "users, roles and second factors", "user.list", nothing);
    with_roles(named(add_asking(*group, common, options, "role", "give a user other roles; ends their sessions",
                                "user.role", [](const AccessOptions& given, value::Builder& out) -> Result<void> {
                                    CHECK_OK(put_name(given, out));
                                    write_texts(out, "roles", given.roles);
                                    return {};
                                })));
    named(add_asking(*group, common, options, "password", "give a user another password, read from standard input",
                     "user.password", put_password));
    auto* totp =
        named(add_asking(*group, common, options, "totp", "begin a second factor, confirm it with --code, or remove it",
                         "user.totp", [](const AccessOptions& given, value::Builder& out) -> Result<void> {
                             CHECK_OK(put_name(given, out));
                             if (!given.code.empty()) out.key("code").text(given.code);
                             if (given.remove) out.key("remove").boolean(true);
                             return {};
                         }));
    totp->add_option("--code", options->code, "the six digits that the authenticator shows");
    totp->add_flag("--remove", options->remove, "take it away, and the password with it");
    named(add_asking(*group, common, options, "remove", "remove a user with sessions and tokens", "user.remove",
                     put_name));
}

void add_token_commands(CLI::App& app, Common& common, const SharedOptions& options) {
    auto* group = app.add_subcommand("token", "API tokens");
    group->require_subcommand(1);
    auto* add = add_asking(*group, common, options, "add", "give out a token; it is printed once", "token.add",
                           [](const AccessOptions& given, value::Builder& out) -> Result<void> {
                               out.key("label").text(given.label).key("days").integer(given.days);
                               write_texts(out, "permissions", given.permissions);
                               write_texts(out, "addresses", given.addresses);
                               return {};
                           });
    add->add_option("label", options->label, "what it is for")->required();
    add->add_option("--permission", options->permissions, "such as queue.read; may come again")->required();
    add->add_option("--days", options->days, "how long it lasts")->capture_default_str();
    add->add_option("--address", options->addresses, "a network it may come from; none: everywhere");
    add_asking(*group, common, options, "list", "tokens, never what opens them", "token.list", nothing);
    auto* revoke = add_asking(*group, common, options, "revoke", "end a token", "token.revoke",
                              [](const AccessOptions& given, value::Builder& out) -> Result<void> {
                                  out.key("id").text(given.name);
                                  return {};
                              });
    revoke->add_option("id", options->name)->required();
}

// Decides as a named user: standard input has the password, and on a second line the code.
int decide(const Common& common, const AccessOptions& options, const std::string& operation) {
    auto said = read_secret("password of " + options.name + ", then the code on a line of its own");
    auto code = options.code;
    if (const auto line = said.find('\n'); line != std::string::npos) {
        code = trim(std::string_view(said).substr(line + 1));
        said = trim(std::string_view(said).substr(0, line));
    }
    value::Builder login, arguments;
    login.begin_object().key("name").text(options.name).key("password").text(said);
    if (!code.empty()) login.key("code").text(code);
    arguments.begin_object().key("approval").text(options.approval).end();
    Log log(common.log_level);
    const auto desk = GatewayDesk::open(common.config, log);
    if (!desk) return report(common, desk.error());
    const auto session = (*desk)->ask("session.open", login.end().take());
    if (!session) return report(common, session.error());
    const std::string token(session->root().find("token").text());
    const auto result = (*desk)->ask(operation, arguments.take(), token);
    value::Builder none;
    const auto closed = (*desk)->ask("session.close", none.begin_object().end().take(), token);
    if (result && !closed) return report(common, closed.error());
    return conclude_access(common, result);
}

void add_approval_commands(CLI::App& app, Common& common, const SharedOptions& options) {
    auto* group = app.add_subcommand("approval", "what takes two persons");
    group->require_subcommand(1);
    add_asking(*group, common, options, "list", "what was asked, and how it was decided", "approval.list", nothing);
    for (const auto* name : {"confirm", "refuse"}) {
        auto* command =
            group->add_subcommand(name, "as a user who did not ask; password, then code, on standard input");
        command->add_option("approval", options->approval, "its id")->required();
        command->add_option("--user", options->name, "who decides")->required();
        command->add_option("--code", options->code, "the second factor, where it is not the second line");
        command->callback([&common, options, operation = "approval." + std::string(name)] {
            common.run = [&common, options, operation] { return decide(common, *options, operation); };
        });
    }
}

}  // namespace

void add_access_commands(CLI::App& app, Common& common) {
    const auto options = std::make_shared<AccessOptions>();
    add_user_commands(app, common, options);
    add_token_commands(app, common, options);
    add_approval_commands(app, common, options);
}

}  // namespace tributary::app
