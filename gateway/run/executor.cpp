#include "gateway/run/executor.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <cassert>

namespace tributary::run {

namespace {
void name_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

void end_process_on_escape(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}
}  // namespace

Loop::Loop(std::string name) : name_(std::move(name)) {}

Loop::~Loop() {
    stop();
}

void Loop::start() {
    assert(!started());
    thread_ = std::thread([this] {
        name_thread(name_);
        context_.run();
    });
}

void Loop::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

std::size_t Loop::run_ready() {
    assert(!started());
    return context_.poll();
}

void Loop::spawn(Task<> task) {
    run::spawn(executor(), std::move(task));
}

void spawn(Executor executor, Task<> task) {
    boost::asio::co_spawn(executor, std::move(task), end_process_on_escape);
}

Pool::Pool(std::string name, std::size_t threads) : context_(static_cast<int>(threads)) {
    assert(threads >= 1);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, name] {
            name_thread(name);
            context_.run();
        });
    }
}

Pool::~Pool() {
    context_.stop();
    for (auto& thread : threads_) thread.join();
}

namespace detail {

void Completion::set(std::exception_ptr error) {
    done_ = true;
    if (error)
        promise_.set_exception(error);
    else
        promise_.set_value();
}

void Completion::wait() {
    auto future = promise_.get_future();
    if (!loop_.started()) {
        loop_.context().restart();
        while (!done_) loop_.context().run_one();
    }
    future.get();
}

}  // namespace detail
}  // namespace tributary::run
