// A plug-in in a process of its own. When that dies or hangs, the call under way fails and the process is started again
// for a later call, after a pause that doubles from one second to a minute while nothing goes well.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "gateway/connector/native/calls.hpp"
#include "gateway/connector/native/frame.hpp"
#include "gateway/run/subprocess.hpp"
#include "gateway/run/watchdog.hpp"

namespace tributary::connector::native {

using namespace std::chrono_literals;

namespace {

constexpr Milliseconds kFirstPause = 1s, kLongestPause = 60s;

run::Task<> drop_errors(std::shared_ptr<run::Subprocess> process) {
    // What a library prints is not for the gateway's log: it may hold anything. It has host->log for that.
    while (!(co_await process->read_errors()).empty()) {
    }
}

class ProcessCalls final : public Calls {
  public:
    ProcessCalls(CallSetup setup, std::vector<std::string> host)
        : setup_(std::move(setup)), host_(std::move(host)), turns_(setup_.timers) {
        host_.push_back(setup_.library.string());
    }
    ~ProcessCalls() override {
        if (process_) process_->stop();
    }

    void reopen() override { open_ = false; }

    run::Task<Answer<std::string>> call(std::string operation, std::string request) override {
        const auto turn = co_await turns_.wait();
        const auto now = setup_.timers.clock().steady();
        if (now < not_before_) {
            const auto wait = std::chrono::duration_cast<Milliseconds>(not_before_ - now) + 1ms;
            co_return std::unexpected(Failure{
                {Fault::transient, "the plug-in's process died; it is started again after a pause", "plug-in", wait}});
        }
        const auto executor = co_await boost::asio::this_coro::executor;
        if (!process_) {
            if (auto started = start(executor); !started)
                co_return std::unexpected(Failure{std::move(started).error()});
        }
        // The watchdog's time covers open and call, as on a thread.
        run::Watchdog watchdog(executor, setup_.timers, setup_.limit, [child = process_] { child->kill(); });
        if (!open_) {
            auto open = setup_.open();
            if (!open) co_return std::unexpected(Failure{std::move(open).error()});
            auto opened = co_await exchange(Frame::Kind::open, *open, "open", watchdog);
            if (!opened) {
                opened.error().ambiguous = false;
                co_return opened;
            }
            // An instance that was made is told by an empty object; an error is the caller's to read.
            if (*opened != "{}") co_return opened;
            open_ = true;
        }
        co_return co_await exchange(Frame::Kind::call, operation + '\n' + request, operation, watchdog);
    }

  private:
    Result<void> start(const run::Executor& executor) {
        auto process = run::Subprocess::start(
            executor, {.command = host_, .environment = run::plain_environment(), .directory = {}, .files = {}});
        if (!process) return pass(std::move(process), "plug-in");
        process_ = *std::move(process);
        frames_ = {};
        open_ = false;
        run::spawn(executor, drop_errors(process_));
        return {};
    }

    run::Task<Answer<std::string>> exchange(Frame::Kind kind, std::string text, std::string operation,
                                            const run::Watchdog& watchdog) {
        auto process = process_;
        if (co_await process->write(write_frame(kind, text))) {
            for (;;) {
                auto frame = frames_.next();
                if (!frame) break;
                if (!*frame) {
                    const auto chunk = co_await process->read_output();
                    if (chunk.empty()) break;
                    frames_.feed(chunk);
                    continue;
                }
                auto& got = **frame;
                if (got.kind == Frame::Kind::log && !got.text.empty()) {
                    write_log(setup_.log, setup_.connection, got.text[0] - '0', std::string_view(got.text).substr(1));
                } else if (got.kind == Frame::Kind::answer) {
                    failures_ = 0;
                    co_return std::move(got.text);
                } else if (got.kind == Frame::Kind::broken) {
                    process_->stop();
                    process_.reset();
                    co_return std::unexpected(Failure{{Fault::bad_config, std::move(got.text), {}}});
                } else {
                    break;
                }
            }
        }
        co_return std::unexpected(co_await died(operation, watchdog.acted()));
    }

    run::Task<Failure> died(std::string operation, bool late) {
        auto process = std::exchange(process_, nullptr);
        process->kill();
        const auto exit = co_await process->wait();
        process->stop();
        const auto pause = std::min(kLongestPause, kFirstPause * (1U << std::min(failures_, 6U)));
        ++failures_;
        not_before_ = setup_.timers.clock().steady() + pause;
        const auto what = late
                              ? fmt::format("the plug-in did not return from '{}' within {} ms; its process was killed",
                                            operation, setup_.limit.count())
                              : fmt::format("the plug-in's process ended in '{}' with {}", operation, exit.text());
        Error error{Fault::transient, what, "plug-in", pause};
        setup_.log.error("plug-in process ended", error, {{"connection", setup_.connection}});
        co_return Failure{std::move(error), true};
    }

    CallSetup setup_;
    std::vector<std::string> host_;
    Turns turns_;
    std::shared_ptr<run::Subprocess> process_;
    FrameReader frames_;
    bool open_ = false;
    unsigned failures_ = 0;  // without an answer in between
    SteadyTime not_before_{};
};

}  // namespace

std::unique_ptr<Calls> calls_in_process(CallSetup setup, std::vector<std::string> host) {
    return std::make_unique<ProcessCalls>(std::move(setup), std::move(host));
}

}  // namespace tributary::connector::native
