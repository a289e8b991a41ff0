// A plug-in on a thread of the gateway. The thread is never killed: what it does when a call is past its limit is the
// library's business, and until it returns the connection fails at once.
#include <fmt/format.h>
#include <sys/prctl.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/connector/native/calls.hpp"
#include "gateway/connector/native/library.hpp"

namespace tributary::connector::native {
namespace {

struct Job {
    std::string operation, request;
    std::optional<std::string> open;  // make a new instance of this first
    std::string answer;               // written by the thread before `done`, read after it
    bool opened = false;              // an instance is there
    std::atomic<bool> finished = false;
    std::stop_source done;
};

// Shared with the thread, which may outlive the connection when a call hangs.
struct Shared {
    Shared(Library library_, Log& log_, std::string connection_)
        : library(library_), log(&log_), connection(std::move(connection_)) {}
    Library library;
    std::mutex mutex;
    std::condition_variable wake;
    std::shared_ptr<Job> job;  // under the mutex
    bool ending = false;       // under the mutex
    Log* log;                  // under log_mutex; null once the connection is gone
    std::mutex log_mutex;
    std::string connection;
    std::atomic<bool> late = false;  // the call under way is past its limit
    tributary_host host{};
};

void log_line(void* context, std::int32_t level, tributary_text message) {
    auto& shared = *static_cast<Shared*>(context);
    const std::scoped_lock lock(shared.log_mutex);
    if (shared.log) write_log(*shared.log, shared.connection, level, {message.data, message.size});
}

std::int32_t is_late(void* context) {
    return static_cast<Shared*>(context)->late ? 1 : 0;
}

tributary_text text_of(const std::string& text) {
    return {text.data(), text.size()};
}

class Instance {
  public:
    explicit Instance(Shared& shared) : shared_(shared), table_(shared.library.table()) {}
    ~Instance() { close(); }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    void run(Job& job) {
        tributary_answer answer{};
        if (job.open) {
            close();
            instance_ = table_.open(&shared_.host, text_of(*job.open), &answer);
            if (!instance_) {
                job.answer = take(table_, answer);
                return;
            }
        }
        job.opened = instance_ != nullptr;
        table_.call(instance_, text_of(job.operation), text_of(job.request), &answer);
        job.answer = take(table_, answer);
    }

  private:
    void close() {
        if (instance_) table_.close(std::exchange(instance_, nullptr));
    }
    Shared& shared_;
    const tributary_plugin& table_;
    void* instance_ = nullptr;
};

void work(const std::shared_ptr<Shared>& shared) {
    ::prctl(PR_SET_NAME, "plug-in");
    Instance instance(*shared);
    for (;;) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(shared->mutex);
            shared->wake.wait(lock, [&] { return shared->job || shared->ending; });
            if (shared->ending) return;
            job = shared->job;
        }
        instance.run(*job);
        {
            const std::scoped_lock lock(shared->mutex);
            shared->job.reset();
        }
        shared->late = false;
        job->finished = true;
        job->done.request_stop();
    }
}

class ThreadCalls final : public Calls {
  public:
    ThreadCalls(CallSetup setup, Library library)
        : setup_(std::move(setup)),
          shared_(std::make_shared<Shared>(library, setup_.log, setup_.connection)),
          turns_(setup_.timers) {
        shared_->host = {TRIBUTARY_PLUGIN_ABI, sizeof(tributary_host), shared_.get(), log_line, is_late};
        thread_ = std::thread(work, shared_);
    }

    ~ThreadCalls() override {
        bool hangs = false;
        {
            const std::scoped_lock lock(shared_->mutex);
            shared_->ending = true;
            hangs = shared_->job != nullptr;
        }
        shared_->wake.notify_all();
        {
            const std::scoped_lock lock(shared_->log_mutex);
            shared_->log = nullptr;
        }
        // What hangs holds what it needs by itself; waiting for it would hang the gateway's end.
        hangs ? thread_.detach() : thread_.join();
    }

    void reopen() override { open_ = false; }

    run::Task<Answer<std::string>> call(std::string operation, std::string request) override {
        const auto turn = co_await turns_.wait();
        if (hanging_ && !hanging_->finished)
            co_return std::unexpected(Failure{{Fault::transient,
                                               fmt::format("the connection has failed: the plug-in still has not "
                                                           "returned from '{}'",
                                                           hanging_->operation),
                                               "plug-in"}});
        hanging_.reset();
        auto job = std::make_shared<Job>();
        job->operation = std::move(operation);
        job->request = std::move(request);
        if (!open_) {
            auto open = setup_.open();
            if (!open) co_return std::unexpected(Failure{std::move(open).error()});
            job->open = *std::move(open);
        }
        {
            const std::scoped_lock lock(shared_->mutex);
            shared_->job = job;
        }
        shared_->wake.notify_all();
        std::ignore = co_await setup_.timers.sleep_for(setup_.limit, job->done.get_token());
        if (!job->finished) {
            shared_->late = true;
            hanging_ = job;
            const Error error{Fault::transient,
                              fmt::format("the plug-in did not return from '{}' within {} ms; the connection has "
                                          "failed until it does",
                                          job->operation, setup_.limit.count()),
                              "plug-in"};
            setup_.log.error("plug-in call past its limit", error, {{"connection", setup_.connection}});
            co_return std::unexpected(Failure{error, true});
        }
        open_ = job->opened;
        co_return std::move(job->answer);
    }

  private:
    CallSetup setup_;
    std::shared_ptr<Shared> shared_;
    Turns turns_;
    std::shared_ptr<Job> hanging_;
    bool open_ = false;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Calls>> calls_on_thread(CallSetup setup) {
    TRY(auto library, Library::load(setup.library));
    return std::make_unique<ThreadCalls>(std::move(setup), library);
}

}  // namespace tributary::connector::native
