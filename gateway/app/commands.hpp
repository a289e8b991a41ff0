// Commands: what `tributary` understands. Each adds itself to the parser and leaves a function that does the work.
//
// Exit codes: 0 done, 1 the configuration or input is wrong (all problems are printed), 2 wrong usage, 3 something
// needed is not reachable or busy, 4 an internal error.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "gateway/base/error.hpp"
#include "gateway/base/log.hpp"
#include "gateway/value/document.hpp"

namespace CLI {
class App;
}

namespace tributary::app {

struct Common {
    std::filesystem::path
        config;         // --config; default config/gateway.yaml below the working directory, else the share's
    bool json = false;  // --json
    LogLevel log_level = LogLevel::warn;
    std::function<int()> run;  // set by the command that was chosen
};

void add_run_commands(CLI::App& app, Common& common);        // run, check, init
void add_mapping_commands(CLI::App& app, Common& common);    // map, mapping test
void add_service_commands(CLI::App& app, Common& common);    // service try
void add_connector_commands(CLI::App& app, Common& common);  // connector list|show, webhook verify, schema export
void add_login_commands(CLI::App& app, Common& common);      // connection login
void add_secret_commands(CLI::App& app, Common& common);     // secret set|list|remove
void add_vault_commands(CLI::App& app, Common& common);      // vault status|rotate|rewrap|verify|destroy|rewrap-master
void add_operator_commands(CLI::App& app, Common& common);   // sync, queue, consent, customer, status, quality
// Below `consent`: what takes files.
void add_consent_commands(CLI::App& group, Common& common);
void add_subject_commands(CLI::App& app, Common& common);  // subject run|export|erase|certificate, after the above
void add_audit_commands(CLI::App& app, Common& common);    // audit verify|export|prove|checkpoint
// doctor, report, alerts incident, queue drain. REQUIRES: the operator commands are there.
void add_watch_commands(CLI::App& app, Common& common);
void add_store_commands(CLI::App& app, Common& common);   // store migrate
void add_backup_commands(CLI::App& app, Common& common);  // backup run|list|verify|drill, restore
void add_access_commands(CLI::App& app, Common& common);  // user, token, approval

// Prints an error to standard error, as text or as JSON, and gives its exit code.
int report(const Common& common, const Error& error);
// Prints a result: JSON with --json, else a table or a short text for people.
void print(const Common& common, value::Node result);

}  // namespace tributary::app
