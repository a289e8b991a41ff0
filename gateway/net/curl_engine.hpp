// CurlEngine: libcurl's multi interface driven by one loop: sockets are watched by Asio, transfers begin and end here.
// Internal to net.
//
// Threads: the loop's alone. libcurl's callbacks only note what it wants; libcurl is never called from inside them.
#pragma once

#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/net/curl_client.hpp"
#include "gateway/net/curl_transfer.hpp"

namespace tributary::net {

class CurlEngine : public std::enable_shared_from_this<CurlEngine> {
  public:
    CurlEngine(run::Loop& loop, CurlLimits limits);
    ~CurlEngine();
    boost::asio::io_context& context() { return loop_.context(); }
    void start(std::shared_ptr<CurlTransfer> transfer);
    // Gives a transfer up that may have ended already.
    void abandon(const std::shared_ptr<CurlTransfer>& transfer);
    void close();

  private:
    using Timer = boost::asio::steady_timer;
    // One descriptor that libcurl watches. Kept registered between transfers when the socket is ours to close.
    struct Watch {
        boost::asio::posix::stream_descriptor descriptor;
        bool ours = false;
        int wanted = CURL_POLL_NONE;
        bool reading = false, writing = false;
    };

    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int on_timer(CURLM*, long milliseconds, void* self);
    static curl_socket_t open_socket(void* transfer, curlsocktype, curl_sockaddr* address);
    static int close_socket(void* self, curl_socket_t fd);

    void arm_timer();
    void time_passed();
    void watch(curl_socket_t fd, int what);
    void arm(curl_socket_t fd, const std::shared_ptr<Watch>& watch);
    void ready(curl_socket_t fd, const std::shared_ptr<Watch>& watch, int event);
    void act(curl_socket_t fd, int event);
    void collect();
    void end(std::shared_ptr<CurlTransfer> transfer, HttpResult result);
    CURL* take_handle();

    run::Loop& loop_;
    CurlLimits limits_;
    CURLM* multi_;
    Timer timer_;
    std::optional<Timer::time_point> due_;  // when libcurl wants to be called, as it said last
    bool armed_ = false, posted_ = false;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;  // pending waits hold them too
    std::unordered_map<CurlTransfer*, std::shared_ptr<CurlTransfer>> running_;
    std::vector<CURL*> idle_handles_;
};

}  // namespace tributary::net
