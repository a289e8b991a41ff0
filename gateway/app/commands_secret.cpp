#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/foundation.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/remote.hpp"
#include "gateway/app/secret_input.hpp"
#include "gateway/app/share.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

int run(const Common& common, const std::string& what, value::Document arguments) {
    spec::Problems problems;
    Environment environment;
    auto config = load_config(common.config, share_folder(), environment, problems);
    std::cerr << problems.text();
    if (!config) return 1;
    Log log(common.log_level);
    // The connections may need the very secret that is being set, so only vault and store are opened.
    auto foundation = Foundation::open(*config, log);
    Result<value::Document> result = fail(Fault::internal, "");
    if (foundation) {
        auto alone = check_alone(**foundation, what, arguments.root());
        result = alone ? perform_secret(**foundation, access::local_operator(), what, arguments.root())
                       : pass(std::move(alone));
    } else if (foundation.error().fault == Fault::conflict)
        result = ask_running(*config, what, arguments.root());
    else
        return report(common, foundation.error());
    if (!result) return report(common, result.error());
    print(common, result->root());
    return 0;
}

struct SecretOptions {
    std::string name, field, owner, connector;
    std::vector<std::string> hosts;
};

void write_binding(const SecretOptions& options, value::Builder& arguments) {
    arguments.key("owner").text(options.owner).key("connector").text(options.connector);
    arguments.key("hosts").begin_array();
    for (const auto& host : options.hosts) arguments.text(host);
    arguments.end();
}

}  // namespace

void add_secret_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<SecretOptions>();  // the callbacks hold it
    auto* group = app.add_subcommand("secret", "credentials in the vault");
    group->require_subcommand(1);
    auto* set = group->add_subcommand("set", "seal one field; its value is read from standard input");
    set->add_option("name", options->name, "of the secret")->required();
    set->add_option("field", options->field, "of the credential, such as access_token")->required();
    set->add_option("--connector", options->connector, "only connections with this connector may use the secret");
    set->add_option("--owner", options->owner, "only this connection may use the secret");
    set->add_option("--host", options->hosts, "only requests to these hosts go out with the secret at hand");
    set->callback([&common, options] {
        common.run = [&common, options] {
            auto secret = read_secret(options->name + "#" + options->field);
            if (secret.empty())
                return report(common, {Fault::bad_input, "an empty value: give it on standard input",
                                       options->name + "#" + options->field});
            value::Builder arguments;
            arguments.begin_object()
                .key("name")
                .text(options->name)
                .key("field")
                .text(options->field)
                .key("value")
                .text(secret);
            // Any of them replaces the whole binding.
            if (!options->owner.empty() || !options->connector.empty() || !options->hosts.empty())
                write_binding(*options, arguments);
            arguments.end();
            return run(common, "secret.set", arguments.take());
        };
    });
    auto* bind = group->add_subcommand("bind", "change where a secret may be used; what is not given is not bound");
    bind->add_option("name", options->name, "of the secret")->required();
    bind->add_option("--connector", options->connector, "only connections with this connector may use the secret");
    bind->add_option("--owner", options->owner, "only this connection may use the secret");
    bind->add_option("--host", options->hosts, "only requests to these hosts go out with the secret at hand");
    bind->callback([&common, options] {
        common.run = [&common, options] {
            value::Builder arguments;
            arguments.begin_object().key("name").text(options->name);
            write_binding(*options, arguments);
            arguments.end();
            return run(common, "secret.bind", arguments.take());
        };
    });
    auto* remove = group->add_subcommand("remove", "forget a secret");
    remove->add_option("name", options->name)->required();
    remove->callback([&common, options] {
        common.run = [&common, options] {
            value::Builder arguments;
            arguments.begin_object().key("name").text(options->name).end();
            return run(common, "secret.remove", arguments.take());
        };
    });
    group->add_subcommand("list", "names, fields and versions, never values")->callback([&common] {
        common.run = [&common] {
            value::Builder arguments;
            arguments.begin_object().end();
            return run(common, "secret.list", arguments.take());
        };
    });
}

}  // namespace tributary::app
