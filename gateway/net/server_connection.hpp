// One connection of the HTTP server: reads a request, has it handled, answers, and so on until one side has enough.
// Internal to net.
#pragma once

#include <string>

#include "gateway/net/chunked_body.hpp"
#include "gateway/net/http_head.hpp"
#include "gateway/net/server_loop.hpp"

namespace tributary::net {

// REQUIRES: admitted under `ip`; leaves when it ends.
run::Task<> serve_connection(ServerLoop& loop, PlainSocket stream, std::string ip);
run::Task<> serve_connection(ServerLoop& loop, TlsSocket stream, std::string ip);

template <class Stream>
class ServerConnection final : public SweptConnection {
  public:
    ServerConnection(ServerLoop& loop, Stream stream, std::string ip);
    ~ServerConnection() override;
    run::Task<> serve();
    void sweep(SteadyTime now) override;
    void close_if_idle() override;

  private:
    static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;
    // The unread bytes.
    std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
    void enter(Phase phase, Milliseconds allowed);
    SteadyTime now() const { return loop_.shared.clock.steady(); }

    run::Task<bool> handshake();
    // False when nothing more is to be done: the connection ended, or the request was refused and answered.
    run::Task<bool> read_request();
    run::Task<bool> read_head(std::size_t& head_size);
    run::Task<bool> read_body(const RequestHead& head);
    run::Task<bool> read_sized_body(std::uint64_t size);
    run::Task<bool> read_chunked_body(std::size_t limit);
    run::Task<bool> handle();
    run::Task<bool> write(std::string_view bytes);
    // More bytes into the buffer; false at the end of the stream or when cut off.
    run::Task<bool> fill();
    run::Task<std::size_t> read_some(char* to, std::size_t size);
    // Answers without a handler, and lets the peer read the answer before the connection goes.
    run::Task<bool> refuse(Refusal refusal);
    run::Task<> close_gently();
    void close_now();

    ServerLoop& loop_;
    const HttpServerOptions& options_;
    Stream stream_;
    std::string ip_;
    ServerLoop::Connections::iterator place_;

    Phase phase_ = Phase::idle;
    SteadyTime deadline_ = SteadyTime::max();
    bool timed_out_ = false;
    // While a body is coming in.
    SteadyTime body_began_{};
    std::uint64_t body_bytes_ = 0;
    bool in_body_ = false;

    std::string buffer_;
    std::size_t begin_ = 0, end_ = 0;
    InboundHttp request_;
    bool keep_alive_ = true;
    std::string reply_;
};

}  // namespace tributary::net
