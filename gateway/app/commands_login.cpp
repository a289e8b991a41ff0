#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/login_listener.hpp"
#include "gateway/connector/login.hpp"

namespace tributary::app {
namespace {

constexpr Milliseconds kPoll{500};

struct LoginOptions {
    std::string connection, redirect_uri;
    bool device = false, paste = false, by_public_face = false;
    int minutes = 5;
};

Result<connector::Redirected> pasted(const std::string& state) {
    std::cerr << "then paste the whole address that the browser shows afterwards: " << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return fail(Fault::bad_input, "nothing was pasted on standard input");
    return connector::read_redirect(line, state);
}

Result<connector::Redirected> came_to_public_face(GatewayDesk& desk, const std::string& state, Milliseconds at_most,
                                                  const Clock& clock) {
    const auto end = clock.steady() + at_most;
    while (clock.steady() < end) {
        value::Builder arguments;
        arguments.begin_object().key("state").text(state).end();
        TRY(const auto answer, desk.ask("login.await", arguments.take()));
        if (auto query = answer.root().find("query")) return connector::read_redirect(query.text(), state);
        std::this_thread::sleep_for(kPoll);
    }
    return fail(Fault::transient, "nobody came back from the login in time: begin it again");
}

Result<value::Document> in_browser(GatewayDesk& desk, const LoginOptions& options, value::Node begun,
                                   const Clock& clock) {
    const std::string redirect_uri(begun.find("redirect_uri").text());
    const std::string state(begun.find("state").text());
    std::unique_ptr<LoginListener> listener;
    if (!options.paste && !options.by_public_face) {
        TRY(listener, LoginListener::open(redirect_uri, clock));
    }
    std::cerr << "open this page in a browser and agree:\n\n  " << begun.find("url").text() << "\n\n";
    const auto at_most = std::chrono::minutes(options.minutes);
    if (!options.paste) std::cerr << "waiting at " << redirect_uri << " for " << options.minutes << " minutes\n";
    TRY(const auto back, listener                 ? listener->wait(state, at_most)
                         : options.by_public_face ? came_to_public_face(desk, state, at_most, clock)
                                                  : pasted(state));
    value::Builder arguments;
    arguments.begin_object().key("connection").text(options.connection).key("code").text(back.code);
    arguments.key("query").text(back.query);
    arguments.key("redirect_uri").text(redirect_uri);
    arguments.key("code_verifier").text(begun.find("code_verifier").text()).end();
    return desk.ask("login.finish", arguments.take());
}

Result<value::Document> on_device(GatewayDesk& desk, const LoginOptions& options, value::Node begun) {
    std::cerr << "open this page on any device and enter the code " << begun.find("user_code").text() << ":\n\n  "
              << begun.find("page").text() << "\n\n";
    if (const auto whole = begun.find("whole_page").text(); !whole.empty()) std::cerr << "or just " << whole << '\n';
    value::Builder arguments;
    arguments.begin_object().key("connection").text(options.connection);
    for (const auto* name : {"device_code", "interval", "end"}) arguments.key(name).copy(begun.find(name));
    arguments.end();
    return desk.ask("login.finish", arguments.take());
}

Result<value::Document> log_in(const Common& common, const LoginOptions& options) {
    Log log(common.log_level);
    const SystemClock clock;
    TRY(const auto desk, GatewayDesk::open(common.config, log));
    if (options.by_public_face && desk->local())
        return fail(Fault::bad_config, "the browser comes back to the gateway, and none runs: start it, or use --paste",
                    "--public");
    value::Builder arguments;
    arguments.begin_object().key("connection").text(options.connection).key("device").boolean(options.device);
    arguments.key("public").boolean(options.by_public_face);
    if (!options.redirect_uri.empty()) arguments.key("redirect_uri").text(options.redirect_uri);
    arguments.end();
    TRY(const auto begun, desk->ask("login.begin", arguments.take()));
    const auto root = begun.root();
    return root.find("device_code") ? on_device(*desk, options, root) : in_browser(*desk, options, root, clock);
}

}  // namespace

void add_login_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<LoginOptions>();  // the callback holds it
    auto* group = app.add_subcommand("connection", "work on configured connections");
    group->require_subcommand(1);
    auto* login = group->add_subcommand("login", "log in at the provider (OAuth 2) and keep the tokens in the vault");
    login->add_option("connection", options->connection, "its name in gateway.yaml")->required();
    login->add_flag("--device", options->device, "with a code that is entered on another device (RFC 8628)");
    login->add_flag("--paste", options->paste, "for servers without a browser: paste the address it was sent to");
    login->add_option("--redirect-uri", options->redirect_uri,
                      "where the provider sends the browser, instead of the connector's address");
    login
        ->add_flag("--public", options->by_public_face,
                   "the browser comes back to the running gateway, at gateway.public_url/login/callback")
        ->excludes("--paste", "--device", "--redirect-uri");
    login->add_option("--minutes", options->minutes, "how long to wait for the browser")
        ->check(CLI::Range(1, 60))
        ->capture_default_str();
    login->callback([&common, options] {
        common.run = [&common, options] {
            auto result = log_in(common, *options);
            if (!result) return report(common, result.error());
            print(common, result->root());
            return 0;
        };
    });
}

}  // namespace tributary::app
