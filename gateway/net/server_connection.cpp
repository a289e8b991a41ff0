#include "gateway/net/server_connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "gateway/net/http_reply.hpp"

namespace tributary::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kFirstBuffer = 8 << 10;
constexpr std::size_t kBodyStep = 64 << 10;  // memory follows what has arrived, not what was announced
constexpr Milliseconds kLastWords{1000};
constexpr std::size_t kLastWordsBytes = 1 << 20;

template <class Stream>
run::Task<> serve_stream(ServerLoop& loop, Stream stream, std::string ip) {
    ServerConnection<Stream> connection(loop, std::move(stream), std::move(ip));
    co_await connection.serve();
}

}  // namespace

run::Task<> serve_connection(ServerLoop& loop, PlainSocket stream, std::string ip) {
    return serve_stream(loop, std::move(stream), std::move(ip));
}

run::Task<> serve_connection(ServerLoop& loop, TlsSocket stream, std::string ip) {
    return serve_stream(loop, std::move(stream), std::move(ip));
}

template <class Stream>
ServerConnection<Stream>::ServerConnection(ServerLoop& loop, Stream stream, std::string ip)
    : loop_(loop),
      options_(loop.shared.options),
      stream_(std::move(stream)),
      ip_(std::move(ip)),
      place_(loop.enlist(*this)) {}

template <class Stream>
ServerConnection<Stream>::~ServerConnection() {
    loop_.strike_off(place_);
    loop_.shared.leave(ip_);
}

template <class Stream>
void ServerConnection<Stream>::enter(Phase phase, Milliseconds allowed) {
    phase_ = phase;
    deadline_ = now() + allowed;
}

template <class Stream>
void ServerConnection<Stream>::sweep(SteadyTime now) {
    if (phase_ == Phase::handling) return;
    bool late = now >= deadline_;
    if (in_body_ && now > body_began_ + options_.body_grace) {
        auto seconds = std::chrono::duration<double>(now - body_began_).count();
        late = late || static_cast<double>(body_bytes_) < seconds * static_cast<double>(options_.body_bytes_per_second);
    }
    if (!late) return;
    if (phase_ != Phase::idle) ++loop_.counters.timeouts;
    if (phase_ != Phase::reading) return close_now();
    timed_out_ = true;
    phase_ = Phase::starting;  // what follows is the 408
    deadline_ = now + kLastWords;
    boost::system::error_code ignored;
    stream_.lowest_layer().cancel(ignored);
}

template <class Stream>
void ServerConnection<Stream>::close_if_idle() {
    if (phase_ == Phase::idle) close_now();
}

template <class Stream>
void ServerConnection<Stream>::close_now() {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
}

template <class Stream>
run::Task<> ServerConnection<Stream>::serve() {
    if (!co_await handshake()) co_return;
    for (std::uint64_t left = options_.max_requests; left > 0; --left) {
        keep_alive_ = left > 1;
        if (!co_await read_request()) co_return;
        if (!co_await handle()) co_return;
        if (!keep_alive_) break;
    }
    co_await close_gently();
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::handshake() {
    if constexpr (kTls) {
        enter(Phase::starting, options_.head_deadline);
        boost::system::error_code ec;
        co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
        co_return !ec;
    }
    co_return true;
}

template <class Stream>
run::Task<std::size_t> ServerConnection<Stream>::read_some(char* to, std::size_t size) {
    boost::system::error_code ec;
    auto count =
        co_await stream_.async_read_some(asio::buffer(to, size), asio::redirect_error(asio::use_awaitable, ec));
    co_return ec ? 0 : count;
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::fill() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
        if (begin_ > 0) {
            buffer_.erase(0, begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        buffer_.resize(std::max(kFirstBuffer, end_ * 2));
    }
    auto count = co_await read_some(buffer_.data() + end_, buffer_.size() - end_);
    end_ += count;
    co_return count > 0 && !timed_out_;
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::read_head(std::size_t& head_size) {
    head_size = 0;
    enter(Phase::idle, options_.idle_deadline);
    for (;;) {
        auto scan = scan_head(buffered(), head_size);
        if (head_size > options_.max_head || (scan == HeadScan::incomplete && buffered().size() >= options_.max_head))
            co_return co_await refuse({431, "head is too long"});
        if (scan == HeadScan::bad) co_return co_await refuse({400, "bare LF"});
        if (scan == HeadScan::complete) co_return true;
        if (phase_ == Phase::idle) {
            if (!buffered().empty())
                enter(Phase::reading, options_.head_deadline);
            else if (loop_.draining())
                co_return false;
        }
        bool more = co_await fill();
        if (timed_out_) co_return co_await refuse({408, "head took too long"});
        if (!more) co_return false;
    }
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::read_request() {
    std::size_t head_size = 0;
    if (!co_await read_head(head_size)) co_return false;
    auto head = parse_head(buffered().substr(0, head_size), {options_.max_headers, options_.max_target});
    if (!head) co_return co_await refuse(head.error());
    request_ = {
        std::string(head->method), std::string(head->target), std::move(head->headers), {}, ip_, kTls, loop_.index()};
    begin_ += head_size;
    keep_alive_ = keep_alive_ && head->keep_alive;
    if (!head->chunked && head->content_length.value_or(0) == 0) co_return true;
    head->method = head->target = {};  // the buffer moves from here on
    co_return co_await read_body(*head);
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::read_body(const RequestHead& head) {
    auto limit = options_.body_limit ? options_.body_limit(request_.method, request_.target) : options_.max_body;
    if (head.content_length.value_or(0) > limit) co_return co_await refuse({413, "body is too long"});
    if (head.content_length && buffered().size() >= *head.content_length) {  // the usual case: it came with its head
        request_.body.assign(buffered().substr(0, *head.content_length));
        begin_ += *head.content_length;
        co_return true;
    }
    enter(Phase::reading, options_.body_deadline);
    body_began_ = now();
    body_bytes_ = buffered().size();
    in_body_ = true;
    if (head.expects_continue && buffered().empty() && !co_await write("HTTP/1.1 100 Continue\r\n\r\n"))
        co_return false;
    bool complete = head.chunked ? co_await read_chunked_body(limit) : co_await read_sized_body(*head.content_length);
    in_body_ = false;
    co_return complete;
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::read_sized_body(std::uint64_t size) {
    auto& body = request_.body;
    body.assign(buffered());
    begin_ = end_ = 0;
    while (body.size() < size) {
        auto have = body.size();
        body.resize(have + std::min<std::uint64_t>(size - have, kBodyStep));
        auto count = co_await read_some(body.data() + have, body.size() - have);
        body.resize(have + count);
        body_bytes_ += count;
        if (timed_out_) co_return co_await refuse({408, "body took too long"});
        if (count == 0) co_return false;
    }
    co_return true;
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::read_chunked_body(std::size_t limit) {
    ChunkedBody decoder(limit);
    for (;;) {
        std::size_t used = 0;
        auto step = decoder.feed(buffered(), used, request_.body);
        begin_ += used;
        if (step == ChunkedBody::Step::done) co_return true;
        if (step == ChunkedBody::Step::bad) co_return co_await refuse({400, "malformed chunk"});
        if (step == ChunkedBody::Step::too_large) co_return co_await refuse({413, "body is too long"});
        auto before = end_ - begin_;
        bool more = co_await fill();
        body_bytes_ += end_ - begin_ - before;
        if (timed_out_) co_return co_await refuse({408, "body took too long"});
        if (!more) co_return false;
    }
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::handle() {
    phase_ = Phase::handling;
    ++loop_.counters.requests;
    ReplyForm form{.head_request = request_.method == "HEAD"};
    HttpResponse response;
    try {
        response = co_await loop_.shared.handler(std::move(request_));
    } catch (const std::exception&) {  // the border: nothing of its text may reach the peer
        ++loop_.counters.handler_failures;
        response = {.status = 500};
    }
    keep_alive_ = keep_alive_ && !loop_.draining();
    form.close = !keep_alive_;
    form.date = loop_.date();
    reply_.clear();
    if (!write_reply(response, form, reply_)) {
        ++loop_.counters.handler_failures;
        write_reply({.status = 500}, form, reply_);
    }
    co_return co_await write(reply_);
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::write(std::string_view bytes) {
    boost::system::error_code ec;
    if constexpr (!kTls) {
        // Most replies fit the socket's buffer: then no waiting, and no trip through the scheduler.
        if (!stream_.non_blocking()) stream_.non_blocking(true, ec);
        auto count = stream_.write_some(asio::buffer(bytes), ec);
        if (ec && ec != asio::error::would_block) co_return false;
        bytes.remove_prefix(ec ? 0 : count);
        if (bytes.empty()) co_return true;
    }
    if (phase_ == Phase::handling) enter(Phase::writing, options_.write_deadline);
    co_await asio::async_write(stream_, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
    co_return !ec;
}

template <class Stream>
run::Task<bool> ServerConnection<Stream>::refuse(Refusal refusal) {
    ++loop_.counters.bad_requests;
    enter(Phase::starting, kLastWords);
    timed_out_ = false;
    HttpResponse response{
        .status = refusal.status, .headers = {{"Content-Type", "text/plain"}}, .body = std::string(refusal.reason)};
    reply_.clear();
    write_reply(response, {.close = true, .date = loop_.date()}, reply_);
    if (co_await write(reply_)) co_await close_gently();
    co_return false;
}

// A close with unread bytes would reset the connection, and the peer might never see the answer: so end our side first
// and read on for a moment.
template <class Stream>
run::Task<> ServerConnection<Stream>::close_gently() {
    enter(Phase::starting, kLastWords);
    boost::system::error_code ec;
    if constexpr (kTls) {
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
    } else {
        stream_.shutdown(asio::socket_base::shutdown_send, ec);
        buffer_.resize(std::max(kFirstBuffer, buffer_.size()));
        for (std::size_t total = 0; total < kLastWordsBytes && !ec;) {
            auto count = co_await read_some(buffer_.data(), buffer_.size());
            if (count == 0) break;
            total += count;
        }
    }
    close_now();
}

template class ServerConnection<PlainSocket>;
template class ServerConnection<TlsSocket>;

}  // namespace tributary::net
