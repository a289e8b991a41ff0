// GatewayDesk: where a command takes its operations. To a gateway opened for this one command, or, when one runs on the
// same store, to that one through its admin face.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gateway/access/caller.hpp"
#include "gateway/app/config.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

// One thread. `log` outlives it.
class GatewayDesk {
  public:
    // bad_config: what is wrong in the files was written to standard error.
    static Result<std::unique_ptr<GatewayDesk>> open(const std::filesystem::path& config, Log& log);
    ~GatewayDesk();

    // Waits for the answer. Whoever can open the store is the local operator.
    Result<value::Document> ask(const std::string& operation, value::Document arguments);
    // As the user of a session.
    Result<value::Document> ask(const std::string& operation, value::Document arguments, const std::string& token);
    // The gateway opened here, whose loop is not started before ask(); null when another process runs it.
    Gateway* local() { return gateway_.get(); }

  private:
    GatewayDesk() = default;
    Result<value::Document> ask_local(access::Caller caller, const std::string& operation, value::Document arguments);
    Config config_;
    std::shared_ptr<Gateway> gateway_;
};

struct Common;
// One operation, as a command asks it. `arguments`: an object that is still open.
Result<value::Document> ask_desk(const Common& common, const std::string& operation, value::Builder arguments);

}  // namespace tributary::app
