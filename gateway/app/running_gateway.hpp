// RunningGateway: a gateway that serves: its faces, its signals, and the change from one configuration to the next.
//
// Reload: the new configuration is loaded, checked and built whole beside the one that runs. When anything is wrong
// with it, nothing changes and every problem is told. Else the faces turn to it at once, the workers of the old one end
// what they hold, and those of the new one begin. Listening sockets stay open and no request is refused meanwhile. On a
// store of several gateways they change together: see joint_reload.hpp.
//
// Threads: open, start and wait on the main thread; the rest from any.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/access/caller.hpp"
#include "gateway/api/admin_face.hpp"
#include "gateway/app/certificate_watch.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/net/http_server.hpp"

namespace tributary::run {
class Signal;
}

namespace tributary::app {

class JointReload;
struct ReloadAsker;

class RunningGateway {
  public:
    // Loads the same files again at each reload.
    // `least`: no configuration logs less.
    RunningGateway(std::shared_ptr<Gateway> first, LogLevel least);
    ~RunningGateway();

    // Faces, then workers. bad_config: an address is taken.
    Result<void> start();
    // Blocks until a signal, then drains: no new work, what is begun ends. Returns how it went.
    Result<void> wait();

    // bad_config: what is wrong with the files, every problem with its place, or which changes need a restart; then
    // nothing has changed; also when another gateway on the store does not agree. conflict: another reload is on its
    // way. transient: it is stopping.
    run::Task<Result<void>> reload(access::Caller caller);

    // The one of the configuration in force. It stays usable while it is held, also after a reload.
    std::shared_ptr<Gateway> current() const;
    // What the faces know, and how reloads went.
    void add_to(api::Snapshot& snapshot) const;

  private:
    // For workers to end what they hold. What does not end in time is still fenced by its leases.
    static constexpr Milliseconds kDrain = std::chrono::seconds(20);

    Result<void> start_faces();
    Result<void> make_admin_face();
    // What the faces are asked. Each holds the gateway of its configuration until it is answered.
    run::Task<Result<value::Document>> operate(access::Caller caller, std::string name, value::Document arguments);
    run::Task<net::HttpResponse> answer_public(net::InboundHttp request);
    Result<std::shared_ptr<Gateway>> build_next();
    run::Task<Result<void>> reload_here(access::Caller caller);
    run::Task<Result<void>> change(access::Caller caller);
    run::Task<Result<void>> take_up(std::shared_ptr<Gateway> next, ReloadAsker asker);
    Result<void> tell_reload(const ReloadAsker& asker);
    void make_joint();
    Result<void> write_act(std::string_view action);
    run::Task<> look_after(std::stop_token stop);
    run::Task<> reload_on_signal(std::stop_token stop);

    std::shared_ptr<Host> host_;
    LogLevel least_;
    mutable std::mutex mutex_;  // for what follows
    std::shared_ptr<Gateway> current_;
    // Their workers ended, or still do; they are destroyed on the loop once nobody else holds them.
    std::list<std::shared_ptr<Gateway>> retired_;
    api::ConfigurationState state_;

    std::atomic<bool> reloading_ = false;
    std::unique_ptr<api::AdminFace> admin_;
    std::unique_ptr<net::HttpServer> webhook_server_, admin_server_;
    CertificateWatch certificates_;
    std::unique_ptr<JointReload> joint_;  // null: no other gateway can be on this store
    run::GracefulStop stop_;
    std::unique_ptr<run::Signal> hangup_;
};

}  // namespace tributary::app
