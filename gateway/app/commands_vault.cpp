// vault status|rotate|rewrap|verify|destroy|rewrap-master. A gateway that runs does it itself; else vault and store are
// opened here, and no connection.
#include <CLI/CLI.hpp>

#include "gateway/app/commands.hpp"
#include "gateway/app/foundation.hpp"
#include "gateway/app/input.hpp"
#include "gateway/app/master_source.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/remote.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::app {
namespace {

struct VaultOptions {
    std::string use, key, to;
    bool destroy = false;
    int passphrase_fd = 0;
};

Result<value::Document> ask_vault(const Common& common, const std::string& what, value::Node arguments) {
    TRY(const auto config, read_config(common));
    Log log(common.log_level);
    auto foundation = Foundation::open(config, log);
    if (foundation) {
        CHECK_OK(check_alone(**foundation, what, arguments));
        return perform_vault(**foundation, config, access::local_operator(), what, arguments);
    }
    if (foundation.error().fault == Fault::conflict) return ask_running(config, what, arguments);
    return pass(std::move(foundation));
}

int conclude_vault(const Common& common, const std::string& what, value::Builder arguments) {
    auto given = arguments.end().take();
    const auto result = ask_vault(common, what, given.root());
    if (!result) return report(common, result.error());
    print(common, result->root());
    const auto intact = result->root().find("intact");
    return intact && !intact.boolean() ? 1 : 0;
}

value::Builder none() {
    value::Builder arguments;
    arguments.begin_object();
    return arguments;
}

Result<crypto::SecretBytes> new_passphrase(const VaultOptions& options) {
    if (options.passphrase_fd > 0) return vault::read_descriptor(options.passphrase_fd);
    TRY(auto first, ask_passphrase("new passphrase of the vault: "));
    TRY(auto again, ask_passphrase("the same again: "));
    if (first.reveal() != again.reveal()) return fail(Fault::bad_input, "the two passphrases differ");
    return first;
}

int change_master(const Common& common, const VaultOptions& options) {
    auto arguments = none();
    arguments.key("to").text(options.to);
    if (options.to.find("passphrase") != std::string::npos) {
        const auto phrase = new_passphrase(options);
        if (!phrase) return report(common, phrase.error());
        const auto line = phrase->reveal().substr(0, phrase->reveal().find_first_of("\r\n"));
        arguments.key("passphrase").text(line);
    }
    return conclude_vault(common, "vault.master", std::move(arguments));
}

}  // namespace

void add_vault_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<VaultOptions>();  // the callbacks hold it
    auto* group = app.add_subcommand("vault", "the keys that keys and credentials are wrapped with");
    group->require_subcommand(1);
    const auto simple = [&](const char* name, const char* about) {
        group->add_subcommand(name, about)->callback([&common, name] {
            common.run = [&common, name] { return conclude_vault(common, "vault." + std::string(name), none()); };
        });
    };
    simple("status", "the keys, their states, and what each of them wraps");
    simple("rewrap", "wrap everything with the primary keys; goes on where it was cut off");
    simple("verify", "open everything that is wrapped; exits with 1 when something does not open");
    auto* rotate = group->add_subcommand("rotate", "new primary keys, and everything wrapped anew");
    rotate->add_option("--use", options->use, "cred or subject; default: both");
    rotate->add_flag("--destroy", options->destroy, "destroy the old keys too: old backups no longer open");
    rotate->callback([&common, options] {
        common.run = [&common, options] {
            auto arguments = none();
            if (!options->use.empty()) arguments.key("use").text(options->use);
            arguments.key("destroy").boolean(options->destroy);
            return conclude_vault(common, "vault.rotate", std::move(arguments));
        };
    });
    auto* destroy = group->add_subcommand("destroy", "destroy one old key; refused while anything is wrapped with it");
    destroy->add_option("key", options->key, "its id, as `vault status` shows it")->required();
    destroy->callback([&common, options] {
        common.run = [&common, options] {
            auto arguments = none();
            arguments.key("key").text(options->key);
            return conclude_vault(common, "vault.destroy", std::move(arguments));
        };
    });
    auto* master = group->add_subcommand("rewrap-master", "seal the key ring with another master");
    master->add_option("--to", options->to, "as under vault.master, such as '{ type: file, path: keys/new.key }'")
        ->required();
    master->add_option("--passphrase-fd", options->passphrase_fd,
                       "the descriptor to read the new passphrase from; default: ask");
    master->callback(
        [&common, options] { common.run = [&common, options] { return change_master(common, *options); }; });
}

}  // namespace tributary::app
