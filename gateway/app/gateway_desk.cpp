#include "gateway/app/gateway_desk.hpp"

#include <iostream>

#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/remote.hpp"
#include "gateway/app/share.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

GatewayDesk::~GatewayDesk() = default;

Result<std::unique_ptr<GatewayDesk>> GatewayDesk::open(const std::filesystem::path& config, Log& log) {
    spec::Problems problems;
    auto catalogue = load_catalogue(config, share_folder(), problems);
    std::cerr << problems.text();
    if (!catalogue)
        return fail(Fault::bad_config, std::to_string(problems.errors()) + " problems, see above", config.string());
    std::unique_ptr<GatewayDesk> desk(new GatewayDesk);
    desk->config_ = catalogue->config;
    auto gateway = Gateway::open(std::move(catalogue), log);
    // Another process holds the store: that one is asked.
    if (!gateway && gateway.error().fault == Fault::conflict) return desk;
    if (!gateway) return pass(std::move(gateway));
    desk->gateway_ = *std::move(gateway);
    return desk;
}

Result<value::Document> GatewayDesk::ask(const std::string& operation, value::Document arguments) {
    if (!gateway_) return ask_running(config_, operation, arguments.root());
    if (!gateway_->loop().started()) gateway_->loop().start();
    return run::run_blocking(gateway_->loop(), perform(*gateway_, operation, std::move(arguments)));
}

}  // namespace tributary::app
