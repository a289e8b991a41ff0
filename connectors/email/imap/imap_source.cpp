#include "connectors/email/imap/imap_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include "connectors/email/imap/mailbox.hpp"

namespace tributary::connectors::imap {

using connector::Cursor;
using connector::Page;

namespace {

namespace asio = boost::asio;

// One message with its envelope may be that much larger than what is read of its body.
constexpr std::size_t kAroundMessage = 1 << 20;

// Until the descriptor can be read (true), the time has come (false) or a stop was requested (false). Blocks no thread.
run::Task<bool> readable(int descriptor, run::Timers& timers, SteadyTime until, std::stop_token stop) {
    // A copy: closing it does not close the connection.
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) co_return false;
    asio::posix::stream_descriptor socket(co_await asio::this_coro::executor, copy);
    std::stop_source woken;
    const std::stop_callback stopped(stop, [&woken] { woken.request_stop(); });
    auto came = std::make_shared<bool>(false);
    socket.async_wait(asio::posix::stream_descriptor::wait_read, [woken, came](const auto& error) mutable {
        if (error) return;
        *came = true;
        woken.request_stop();
    });
    co_await timers.sleep_until(until, woken.get_token());
    co_return *came;
}

}  // namespace

ImapSource::ImapSource(const ImapSettings& settings, connector::Setup setup)
    : settings_(settings), logins_(setup), timers_(setup.timers), pool_(setup.blocking), log_(setup.log) {}

Result<ImapSource::Held> ImapSource::connect_as(const email::MailLogin& login) const {
    TRY(auto wire, connect(settings_.server, login));
    std::size_t largest = 0;
    for (const auto& [name, stream] : settings_.streams) largest = std::max(largest, stream.max_message);
    ResponseLimits limits;
    limits.response = largest + kAroundMessage;
    limits.line = 4UL << 20;
    TRY(auto session, Session::open(std::move(wire), limits, settings_.server.timeout));
    return std::make_unique<Session>(std::move(session));
}

run::Task<Result<ImapSource::Held>> ImapSource::open() {
    return logins_.with_login(pool_, [this](const std::optional<email::MailLogin>& login) -> Result<Held> {
        if (!login) return fail(Fault::bad_config, "imap needs credentials: username, and password or a login");
        return connect_as(*login);
    });
}

run::Task<Result<Page>> ImapSource::read(Session& session, const Stream& stream, const std::string& cursor) {
    co_return co_await run::on(
        pool_, [&] { return read_page(session, settings_, stream, cursor, timers_.clock().now(), log_); });
}

ImapSource::Held ImapSource::take(const std::string& stream) {
    const auto found = sessions_.find(stream);
    if (found == sessions_.end()) return nullptr;
    auto held = std::move(found->second);
    sessions_.erase(found);
    return held;
}

// Logging out waits for the server.
run::Task<> ImapSource::let_go(Held session) {
    if (session) co_await run::on(pool_, [&] { session.reset(); });
}

run::Task<Result<Page>> ImapSource::pull(std::string name, Cursor cursor) {
    const auto found = settings_.streams.find(name);
    if (found == settings_.streams.end())
        co_return fail(Fault::bad_config, fmt::format("there is no stream {} in settings.streams", name));
    auto session = take(name);
    Result<Page> page;
    if (session) page = co_await read(*session, found->second, cursor.json);
    // A connection that lay idle may have been closed over there.
    if (!session || (!page && page.error().fault == Fault::transient)) {
        co_await let_go(std::exchange(session, nullptr));
        auto opened = co_await open();
        if (!opened) co_return pass(std::move(opened));
        session = std::move(*opened);
        page = co_await read(*session, found->second, cursor.json);
    }
    const bool keep = page && session && (!page->last || settings_.idle);
    if (keep)
        sessions_[name] = std::move(session);
    else
        co_await let_go(std::exchange(session, nullptr));
    co_return page;
}

bool ImapSource::can_wait(const std::string& stream) const {
    return settings_.idle && settings_.streams.contains(stream);
}

run::Task<Result<bool>> ImapSource::wait(std::string name, Cursor cursor, SteadyTime until, std::stop_token stop) {
    const auto& stream = settings_.streams.at(name);
    auto session = take(name);
    const bool kept = session != nullptr;
    for (bool again = kept;; again = false) {
        if (!session) {
            auto opened = co_await open();
            if (!opened) co_return pass(std::move(opened));
            session = std::move(*opened);
        }
        auto told = co_await listen(*session, stream, cursor.json, until, stop);
        if (told && !stop.stop_requested()) {
            sessions_[name] = std::exchange(session, nullptr);
            co_return told;
        }
        co_await let_go(std::exchange(session, nullptr));
        if (told || !again || stop.stop_requested()) co_return told;
    }
}

run::Task<Result<bool>> ImapSource::listen(Session& session, const Stream& stream, const std::string& saved,
                                           SteadyTime until, std::stop_token stop) {
    CO_TRY(const auto cursor, MailboxCursor::read(saved));
    // What came since the last page was read is not announced any more.
    auto behind = co_await run::on(pool_, [&]() -> Result<bool> {
        TRY(const auto folder, session.examine(stream.folder));
        if (cursor.behind(folder, stream.flags)) return true;
        if (session.can("IDLE")) CHECK_OK(session.idle_begin());
        return false;
    });
    if (!behind || *behind) co_return behind;
    if (!session.can("IDLE")) {
        co_await timers_.sleep_until(until, stop);
        co_return false;
    }
    for (;;) {
        auto changed = co_await run::on(pool_, [&] { return session.idle_poll(stream.flags); });
        if (!changed) co_return changed;
        if (!*changed && timers_.clock().steady() < until && !stop.stop_requested()) {
            co_await readable(session.descriptor(), timers_, until, stop);
            continue;
        }
        if (stop.stop_requested()) co_return false;
        auto ended = co_await run::on(pool_, [&] { return session.idle_end(); });
        if (!ended) co_return pass(std::move(ended));
        co_return changed;
    }
}

run::Task<Result<void>> ImapSource::check() {
    auto session = co_await open();
    if (!session) co_return pass(std::move(session));
    co_return co_await run::on(pool_, [&]() -> Result<void> {
        const Held held = std::move(*session);
        for (const auto& [name, stream] : settings_.streams) {
            if (auto opened = held->examine(stream.folder); !opened) return pass(std::move(opened), "stream " + name);
        }
        return {};
    });
}

}  // namespace tributary::connectors::imap
