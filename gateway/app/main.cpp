// The program: reads the command line, chooses a command, runs it.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/process_guard.hpp"
#include "gateway/app/version.hpp"

int main(int argc, char** argv) {
    using namespace tributary;
    CLI::App app{"Tributary: what every system knows about a customer, in one consented record", "tributary"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "tributary " + std::string(app::kVersion));
    app::guard_process();
    std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of that write, not the end of the process
    app::Common common;
    common.config = "config/gateway.yaml";
    app.add_option("-c,--config", common.config, "the configuration")->capture_default_str();
    app.add_flag("--json", common.json, "print JSON, errors included");
    std::map<std::string, LogLevel> levels{
        {"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}};
    app.add_option("--log-level", common.log_level, "of commands; `run` takes the lower of this and logs.level")
        ->transform(CLI::CheckedTransformer(levels));
    app.fallthrough();
    app::add_run_commands(app, common);
    app::add_mapping_commands(app, common);
    app::add_service_commands(app, common);
    app::add_connector_commands(app, common);
    app::add_login_commands(app, common);
    app::add_secret_commands(app, common);
    app::add_vault_commands(app, common);
    app::add_operator_commands(app, common);
    app::add_subject_commands(app, common);
    app::add_audit_commands(app, common);
    app::add_watch_commands(app, common);
    app::add_store_commands(app, common);
    app::add_backup_commands(app, common);
    app::add_access_commands(app, common);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        return common.run ? common.run() : 2;
    } catch (const std::exception& bug) {  // named border: an exception here is a bug of ours
        std::cerr << "tributary: internal error: " << bug.what() << '\n';
        return 4;
    }
}
