// The durable webhook server written by hand: Beast coroutines on one thread, the signature checked with OpenSSL, one
// writer thread with group commit, 202 after the commit. Bodies are kept in clear.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/bare_writer.hpp"

namespace bench {

class Signature {
  public:
    explicit Signature(std::string_view key) : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
        context_ = EVP_MAC_CTX_new(mac_);
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                         OSSL_PARAM_construct_end()};
        EVP_MAC_init(context_, reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters);
    }
    ~Signature() {
        EVP_MAC_CTX_free(context_);
        EVP_MAC_free(mac_);
    }
    Signature(const Signature&) = delete;
    Signature& operator=(const Signature&) = delete;

    // Base64, in constant time.
    bool fits(std::string_view body, std::string_view given) {
        unsigned char mac[32], text[45];
        std::size_t size = 0;
        if (EVP_MAC_init(context_, nullptr, 0, nullptr) != 1 ||
            EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(body.data()), body.size()) != 1 ||
            EVP_MAC_final(context_, mac, &size, sizeof mac) != 1)
            return false;
        EVP_EncodeBlock(text, mac, sizeof mac);
        return given.size() == 44 && CRYPTO_memcmp(text, given.data(), 44) == 0;
    }

  private:
    EVP_MAC* mac_;
    EVP_MAC_CTX* context_ = nullptr;
};

// Writer: BareWriter, or one with its put() for another database; it gets `where`.
template <class Writer>
class BareIngress {
  public:
    template <class Where>
    BareIngress(const Where& where, std::string_view key)
        : signature_(key),
          acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
          writer_(std::make_unique<Writer>(where, [this](std::size_t connection) {
              boost::asio::post(context_, [this, connection] { std::exchange(waiting_[connection], nullptr)(); });
          })) {
        boost::asio::co_spawn(context_, accept(), boost::asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~BareIngress() {
        writer_.reset();
        context_.stop();
        thread_.join();
    }
    BareIngress(const BareIngress&) = delete;
    BareIngress& operator=(const BareIngress&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    using Socket = boost::asio::ip::tcp::socket;

    boost::asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
            waiting_.emplace_back();
            boost::asio::co_spawn(context_, serve(std::move(socket), waiting_.size() - 1), boost::asio::detached);
        }
    }
    boost::asio::awaitable<void> serve(Socket socket, std::size_t connection) {
        namespace http = boost::beast::http;
        boost::beast::flat_buffer buffer;
        boost::system::error_code failed;
        auto quietly = boost::asio::redirect_error(boost::asio::use_awaitable, failed);
        socket.set_option(boost::asio::ip::tcp::no_delay(true));
        for (;;) {
            http::request<http::string_body> request;
            co_await http::async_read(socket, buffer, request, quietly);
            if (failed) co_return;
            auto status = http::status::unauthorized;
            if (signature_.fits(request.body(), request["X-Shopify-Hmac-Sha256"])) {
                co_await keep(connection, request);
                status = http::status::accepted;
            }
            http::response<http::empty_body> answer(status, 11);
            answer.prepare_payload();
            co_await http::async_write(socket, answer, quietly);
            if (failed) co_return;
        }
    }
    // Returns when it is on disk.
    boost::asio::awaitable<void> keep(std::size_t connection,
                                      boost::beast::http::request<boost::beast::http::string_body>& request) {
        tributary::store::InboxEntry entry;
        const auto id = request["X-Shopify-Webhook-Id"];
        SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), entry.dedup_key.data());
        entry.topic = std::string(request["X-Shopify-Topic"]);
        entry.received_at = std::chrono::time_point_cast<tributary::Milliseconds>(std::chrono::system_clock::now());
        entry.body = std::move(request.body());
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
            [](auto handler, BareIngress* self, std::size_t from, tributary::store::InboxEntry what) {
                self->waiting_[from] = [handler = std::move(handler)]() mutable { std::move(handler)(); };
                self->writer_->put(from, std::move(what));
            },
            boost::asio::use_awaitable, this, connection, std::move(entry));
    }

    Signature signature_;
    boost::asio::io_context context_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<std::move_only_function<void()>> waiting_;  // by connection; used on the serving thread alone
    std::unique_ptr<Writer> writer_;
    std::thread thread_;
};

}  // namespace bench
