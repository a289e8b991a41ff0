#include "gateway/app/gateway_desk.hpp"

#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/remote.hpp"
#include "gateway/app/share.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

GatewayDesk::~GatewayDesk() = default;

Result<std::unique_ptr<GatewayDesk>> GatewayDesk::open(const std::filesystem::path& config, Log& log) {
    spec::Problems problems;
    const auto refused = [&] {
        std::cerr << problems.text();
        return fail(Fault::bad_config, std::to_string(problems.errors()) + " problems, see above", config.string());
    };
    auto settings = load_config(config, share_folder(), Environment(), problems);
    if (!settings) return refused();
    std::unique_ptr<GatewayDesk> desk(new GatewayDesk);
    desk->config_ = *settings;
    auto foundation = Foundation::open(*settings, log);
    // Another process holds the store: that one is asked, with the connectors and mappings that it has loaded.
    if (!foundation && foundation.error().fault == Fault::conflict) return desk;
    if (!foundation) return pass(std::move(foundation));
    auto catalogue = complete_catalogue(*settings, Extent::named, problems);
    if (!catalogue) return refused();
    std::cerr << problems.text();
    TRY(desk->gateway_, Gateway::open(std::move(catalogue), *std::move(foundation), log));
    return desk;
}

Result<value::Document> GatewayDesk::ask(const std::string& operation, value::Document arguments) {
    if (!gateway_) return ask_running(config_, operation, arguments.root());
    return ask_local(access::local_operator(), operation, std::move(arguments));
}

Result<value::Document> GatewayDesk::ask(const std::string& operation, value::Document arguments,
                                         const std::string& token) {
    if (!gateway_) return ask_running(config_, operation, arguments.root(), token);
    TRY(auto caller, gateway_->access().bearers.caller(token, ""));
    return ask_local(std::move(caller), operation, std::move(arguments));
}

Result<value::Document> GatewayDesk::ask_local(access::Caller caller, const std::string& operation,
                                               value::Document arguments) {
    if (!gateway_->loop().started()) gateway_->loop().start();
    return run::run_blocking(gateway_->loop(), perform(*gateway_, std::move(caller), operation, std::move(arguments)));
}

Result<value::Document> ask_desk(const Common& common, const std::string& operation, value::Builder arguments) {
    Log log(common.log_level);
    TRY(const auto desk, GatewayDesk::open(common.config, log));
    return desk->ask(operation, arguments.end().take());
}

}  // namespace tributary::app
