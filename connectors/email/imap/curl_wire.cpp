// libcurl connects, upgrades to TLS and logs in (CURLOPT_CONNECT_ONLY), which it does for every SASL mechanism that
// mail servers ask for; the commands of the mailbox are ours, over its curl_easy_send and curl_easy_recv.
#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "connectors/email/curl_fault.hpp"
#include "connectors/email/imap/wire.hpp"

namespace tributary::connectors::imap {

namespace {

Error connect_error(CURLcode code) {
    const auto fault = code == CURLE_AUTH_ERROR ? Fault::unauthorized : email::curl_fault(code);
    return {fault, fmt::format("imap: {}", curl_easy_strerror(code))};
}

class CurlWire final : public Wire {
  public:
    CurlWire() : handle_(curl_easy_init()) {}
    ~CurlWire() override { curl_easy_cleanup(handle_); }
    CurlWire(const CurlWire&) = delete;
    CurlWire& operator=(const CurlWire&) = delete;

    Result<void> open(const Server& server, const email::MailLogin& login) {
        using enum Server::Security;
        timeout_ = server.timeout;
        const auto milliseconds = static_cast<long>(server.timeout.count());
        set(CURLOPT_URL,
            fmt::format("{}://{}:{}/", server.security == tls ? "imaps" : "imap", server.host, server.port).c_str());
        set(CURLOPT_PROTOCOLS_STR, "imap,imaps");
        set(CURLOPT_PROXY, "");  // no proxy of the environment
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_CONNECT_ONLY, 1L);
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds);  // the login counts as connecting
        set(CURLOPT_TCP_KEEPALIVE, 1L);
        set(CURLOPT_USE_SSL, server.security == none ? long{CURLUSESSL_NONE} : long{CURLUSESSL_ALL});
        set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
        if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
        set(CURLOPT_SASL_IR, 1L);
        set(CURLOPT_USERNAME, std::string(login.username.reveal()).c_str());
        if (login.access_token.empty())
            set(CURLOPT_PASSWORD, std::string(login.password.reveal()).c_str());
        else
            set(CURLOPT_XOAUTH2_BEARER, std::string(login.access_token.reveal()).c_str());
        if (const auto code = curl_easy_perform(handle_); code != CURLE_OK) return fail(connect_error(code));
        if (curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK || socket_ == CURL_SOCKET_BAD)
            return gone();
        return {};
    }

    Result<void> send(std::string_view bytes) override {
        while (!bytes.empty()) {
            std::size_t sent = 0;
            const auto code = curl_easy_send(handle_, bytes.data(), bytes.size(), &sent);
            if (code == CURLE_AGAIN) {
                if (!ready(POLLOUT, timeout_)) return gone();
                continue;
            }
            if (code != CURLE_OK) return gone();
            bytes.remove_prefix(sent);
        }
        return {};
    }

    Result<std::string> receive(Milliseconds wait) override {
        for (bool waited = false;;) {
            std::array<char, 64UL << 10> bytes;
            std::size_t got = 0;
            const auto code = curl_easy_recv(handle_, bytes.data(), bytes.size(), &got);
            if (code == CURLE_OK && got > 0) return std::string(bytes.data(), got);
            if (code != CURLE_AGAIN) return gone();
            if (waited || wait.count() == 0 || !ready(POLLIN, wait)) return std::string();
            // A TLS record may bring nothing for us: one more wait is then the caller's business.
            waited = true;
        }
    }

    int descriptor() const override { return socket_; }

  private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(handle_, option, value);
    }
    static std::unexpected<Error> gone() { return fail(Fault::transient, "imap: the connection is gone"); }
    bool ready(short events, Milliseconds wait) const {
        pollfd one{socket_, events, 0};
        return ::poll(&one, 1, static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 600000))) > 0;
    }

    CURL* handle_;
    curl_socket_t socket_ = CURL_SOCKET_BAD;
    Milliseconds timeout_{0};
};

}  // namespace

Result<std::unique_ptr<Wire>> connect(const Server& server, const email::MailLogin& login) {
    auto wire = std::make_unique<CurlWire>();
    CHECK_OK(wire->open(server, login));
    return wire;
}

}  // namespace tributary::connectors::imap
