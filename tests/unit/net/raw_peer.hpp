// Raw TCP peers for tests: a client that sends bytes as they are, and a server that misbehaves on purpose.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>

namespace tributary::test {

using boost::asio::ip::tcp;

class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : socket_(context_) {
        socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    }
    // What the peer no longer takes is lost: it may have answered and closed.
    void send(std::string_view bytes) {
        boost::system::error_code ignored;
        boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
    }
    // Everything up to the end of the stream.
    std::string read_all() {
        std::string all;
        boost::system::error_code ec;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(all), ec);
        return all;
    }
    // One reply with a Content-Length of one to three digits, head and body.
    std::string read_reply() {
        std::string reply;
        boost::system::error_code ec;
        auto head = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(reply), "\r\n\r\n", ec);
        auto length = reply.find("Content-Length: ");
        if (ec || length == std::string::npos) return reply;
        auto total = head + std::stoul(reply.substr(length + 16, 3));
        while (reply.size() < total && !ec) {
            char byte = 0;
            if (socket_.read_some(boost::asio::buffer(&byte, 1), ec)) reply += byte;
        }
        return reply;
    }
    void half_close() { socket_.shutdown(tcp::socket::shutdown_send); }
    void close() { socket_.close(); }

  private:
    boost::asio::io_context context_;
    tcp::socket socket_;
};

// Serves each connection with `script`, one after the other, on a thread of its own. Ends when destroyed.
class RawServer {
  public:
    using Script = std::function<void(tcp::socket&)>;
    explicit RawServer(Script script)
        : acceptor_(context_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)),
          script_(std::move(script)) {
        port_ = acceptor_.local_endpoint().port();
        thread_ = std::thread([this] { serve(); });
    }
    ~RawServer() {
        stopping_ = true;
        RawClient(port_).close();  // wakes accept()
        thread_.join();
    }
    std::uint16_t port() const { return port_; }
    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }
    int connections() const { return connections_; }

    // Reads a request head and the body it announces.
    static std::string read_request(tcp::socket& socket) {
        std::string request;
        boost::system::error_code ec;
        auto head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", ec);
        if (ec) return {};
        auto length = request.find("Content-Length: ");
        auto total = head + (length < head ? std::stoul(request.substr(length + 16)) : 0);
        if (request.size() < total)
            boost::asio::read(socket, boost::asio::dynamic_buffer(request),
                              boost::asio::transfer_exactly(total - request.size()), ec);
        return request;
    }
    static void send(tcp::socket& socket, std::string_view bytes) {
        boost::system::error_code ignored;
        boost::asio::write(socket, boost::asio::buffer(bytes), ignored);
    }
    // Blocks until the peer goes away.
    static void wait_for_close(tcp::socket& socket) {
        char byte = 0;
        boost::system::error_code ec;
        while (!ec) socket.read_some(boost::asio::buffer(&byte, 1), ec);
    }

  private:
    void serve() {
        for (;;) {
            boost::system::error_code ec;
            tcp::socket socket(context_);
            acceptor_.accept(socket, ec);
            if (stopping_) return;
            if (ec) continue;
            ++connections_;
            script_(socket);
        }
    }
    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    Script script_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace tributary::test
