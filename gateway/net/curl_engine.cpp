#include "gateway/net/curl_engine.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace tributary::net {

namespace asio = boost::asio;

CurlEngine::CurlEngine(run::Loop& loop, CurlLimits limits)
    : loop_(loop), limits_(std::move(limits)), timer_(loop.context()) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlEngine::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlEngine::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(limits_.max_connections));
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(limits_.per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(limits_.max_connections));
}

CurlEngine::~CurlEngine() {
    close();
    curl_global_cleanup();
}

void CurlEngine::close() {
    if (!multi_) return;
    timer_.cancel();
    for (auto running = std::exchange(running_, {}); auto& [key, transfer] : running) {
        curl_multi_remove_handle(multi_, transfer->handle());
        curl_easy_cleanup(transfer->handle());
        transfer->completion()(std::unexpected(transfer->abandoned("the client was stopped")));
    }
    for (auto handle : std::exchange(idle_handles_, {})) curl_easy_cleanup(handle);
    curl_multi_cleanup(std::exchange(multi_, nullptr));
    for (auto& [fd, watch] : std::exchange(watches_, {})) watch->descriptor.release();
}

CURL* CurlEngine::take_handle() {
    if (!idle_handles_.empty()) {
        auto handle = idle_handles_.back();
        idle_handles_.pop_back();
        return handle;
    }
    auto handle = curl_easy_init();
    CurlTransfer::prepare_once(handle, limits_.user_agent);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &CurlEngine::open_socket);
    curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, &CurlEngine::close_socket);
    curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, this);
    return handle;
}

void CurlEngine::start(std::shared_ptr<CurlTransfer> transfer) {
    if (!multi_) return transfer->completion()(std::unexpected(transfer->abandoned("the client was stopped")));
    transfer->prepare(take_handle());
    running_.emplace(transfer.get(), transfer);
    curl_multi_add_handle(multi_, transfer->handle());  // asks for a timer of 0 ms, which starts it
}

void CurlEngine::abandon(const std::shared_ptr<CurlTransfer>& transfer) {
    if (!running_.contains(transfer.get())) return;
    curl_multi_remove_handle(multi_, transfer->handle());
    end(transfer, std::unexpected(transfer->abandoned("the call was cancelled")));
}

void CurlEngine::end(std::shared_ptr<CurlTransfer> transfer, HttpResult result) {
    idle_handles_.push_back(transfer->handle());
    running_.erase(transfer.get());
    transfer->completion()(std::move(result));
}

int CurlEngine::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    static_cast<CurlEngine*>(self)->watch(fd, what);
    return 0;
}

// libcurl sets its one timer anew at nearly every step. Ours is only touched when it would ring too late; when it rings
// too early it is set again.
int CurlEngine::on_timer(CURLM*, long milliseconds, void* self) {
    auto engine = static_cast<CurlEngine*>(self);
    engine->due_.reset();
    if (milliseconds < 0) return 0;
    engine->due_ = Timer::clock_type::now() + std::chrono::milliseconds{milliseconds};
    if (milliseconds > 0) return engine->arm_timer(), 0;
    if (std::exchange(engine->posted_, true)) return 0;
    asio::post(engine->context(), [weak = engine->weak_from_this()] {
        auto alive = weak.lock();
        if (!alive) return;
        alive->posted_ = false;
        alive->time_passed();
    });
    return 0;
}

void CurlEngine::arm_timer() {
    if (armed_ && timer_.expiry() <= *due_) return;
    armed_ = true;
    timer_.expires_at(*due_);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
        auto alive = weak.lock();
        if (ec || !alive) return;
        alive->armed_ = false;
        alive->time_passed();
    });
}

void CurlEngine::time_passed() {
    if (!due_) return;
    if (Timer::clock_type::now() < *due_) return arm_timer();
    due_.reset();
    act(CURL_SOCKET_TIMEOUT, 0);
}

curl_socket_t CurlEngine::open_socket(void* transfer, curlsocktype, curl_sockaddr* address) {
    if (!static_cast<CurlTransfer*>(transfer)->may_connect(&address->addr)) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

int CurlEngine::close_socket(void* self, curl_socket_t fd) {
    auto engine = static_cast<CurlEngine*>(self);
    if (auto found = engine->watches_.find(fd); found != engine->watches_.end()) {
        found->second->wanted = CURL_POLL_NONE;
        found->second->descriptor.release();
        engine->watches_.erase(found);
    }
    return ::close(fd);
}

void CurlEngine::watch(curl_socket_t fd, int what) {
    auto found = watches_.find(fd);
    if (found == watches_.end()) {
        if (what == CURL_POLL_REMOVE) return;
        auto made = std::make_shared<Watch>(asio::posix::stream_descriptor(loop_.context(), fd));
        // The resolver's wake-up pipes come through here too; libcurl closes those itself, right after the removal.
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        made->ours =
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.ss_family != AF_UNIX;
        found = watches_.emplace(fd, std::move(made)).first;
    }
    auto& watch = *found->second;
    watch.wanted = what == CURL_POLL_REMOVE ? CURL_POLL_NONE : what;
    if (what == CURL_POLL_REMOVE && !watch.ours) {
        watch.descriptor.release();
        watches_.erase(found);
        return;
    }
    arm(fd, found->second);
}

void CurlEngine::arm(curl_socket_t fd, const std::shared_ptr<Watch>& watch) {
    using Descriptor = asio::posix::stream_descriptor;
    auto wait = [&](int event, bool& pending, Descriptor::wait_type type) {
        if (!(watch->wanted & event) || pending) return;
        pending = true;
        watch->descriptor.async_wait(type, [weak = weak_from_this(), fd, watch, event](boost::system::error_code ec) {
            (event == CURL_POLL_IN ? watch->reading : watch->writing) = false;
            auto alive = weak.lock();
            if (!ec && alive) alive->ready(fd, watch, event);
        });
    };
    wait(CURL_POLL_IN, watch->reading, Descriptor::wait_read);
    wait(CURL_POLL_OUT, watch->writing, Descriptor::wait_write);
}

void CurlEngine::ready(curl_socket_t fd, const std::shared_ptr<Watch>& watch, int event) {
    if (!(watch->wanted & event)) return;  // an old wait: libcurl has changed its mind
    act(fd, event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    auto found = watches_.find(fd);
    if (found != watches_.end() && found->second == watch) arm(fd, watch);
}

void CurlEngine::act(curl_socket_t fd, int event) {
    if (!multi_) return;
    int still_running = 0;
    curl_multi_socket_action(multi_, fd, event, &still_running);
    collect();
}

void CurlEngine::collect() {
    int left = 0;
    while (auto message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        char* self = nullptr;
        auto handle = message->easy_handle;
        auto code = message->data.result;  // the message dies with the next call
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
        auto transfer = running_.at(reinterpret_cast<CurlTransfer*>(self));
        curl_multi_remove_handle(multi_, handle);
        auto result = transfer->finish(code);
        end(std::move(transfer), std::move(result));
    }
}

}  // namespace tributary::net
