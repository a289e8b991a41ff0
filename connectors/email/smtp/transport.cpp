#include "connectors/email/smtp/transport.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/curl_fault.hpp"
#include "connectors/email/smtp/smtp_reply.hpp"

namespace tributary::connectors::smtp {

namespace {

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What one exchange has seen so far; the callbacks write it.
struct Exchange {
    std::string_view unsent;
    bool all_sent = false;
    SmtpReply last;
};

std::size_t give_bytes(char* into, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const auto given = std::min(exchange.unsent.size(), size * count);
    std::copy_n(exchange.unsent.data(), given, into);
    exchange.unsent.remove_prefix(given);
    if (given == 0) exchange.all_sent = true;  // what ends the message goes out now
    return given;
}

std::size_t take_reply(char* line, std::size_t size, std::size_t count, void* user) {
    // 221 answers our QUIT, also after a refusal: what was said before it counts.
    const auto reply = parse_reply({line, size * count});
    if (reply && reply->code != 221) static_cast<Exchange*>(user)->last = *reply;
    return size * count;
}

std::size_t drop_bytes(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
}

Error transport_error(CURLcode code) {
    return {email::curl_fault(code), fmt::format("smtp: {}", curl_easy_strerror(code))};
}

}  // namespace

struct Transport::Curl {
    CURL* handle = curl_easy_init();
    ~Curl() { curl_easy_cleanup(handle); }

    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(handle, option, value);
    }

    Sent perform(Exchange& exchange) {
        set(CURLOPT_READDATA, &exchange);
        set(CURLOPT_HEADERDATA, &exchange);
        const auto code = curl_easy_perform(handle);
        if (code == CURLE_OK) return {};
        if (auto refusal = error_of(exchange.last)) {
            // A refusal is an answer: nothing was taken.
            if (code == CURLE_LOGIN_DENIED && exchange.last.code >= 500) refusal->fault = Fault::unauthorized;
            return {fail(std::move(*refusal)), false};
        }
        return {fail(transport_error(code)), exchange.all_sent};
    }
};

Transport::Transport(const Server& server, const std::optional<email::MailLogin>& login)
    : curl_(std::make_unique<Curl>()) {
    using enum Server::Security;
    const auto milliseconds = static_cast<long>(server.timeout.count());
    curl_->set(CURLOPT_URL, fmt::format("{}://{}:{}/{}", server.security == tls ? "smtps" : "smtp", server.host,
                                        server.port, server.domain)
                                .c_str());
    curl_->set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_->set(CURLOPT_PROXY, "");  // no proxy of the environment
    curl_->set(CURLOPT_NOSIGNAL, 1L);
    curl_->set(CURLOPT_CONNECTTIMEOUT_MS, std::min(milliseconds, 10000L));
    curl_->set(CURLOPT_TIMEOUT_MS, milliseconds);
    const long use = server.security == none                  ? CURLUSESSL_NONE
                     : server.security == starttls_if_offered ? CURLUSESSL_TRY
                                                              : CURLUSESSL_ALL;
    curl_->set(CURLOPT_USE_SSL, use);
    curl_->set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    if (!server.ca_file.empty()) curl_->set(CURLOPT_CAINFO, server.ca_file.c_str());
    if (login) {
        curl_->set(CURLOPT_SASL_IR, 1L);
        curl_->set(CURLOPT_USERNAME, std::string(login->username.reveal()).c_str());
        if (login->access_token.empty())
            curl_->set(CURLOPT_PASSWORD, std::string(login->password.reveal()).c_str());
        else
            curl_->set(CURLOPT_XOAUTH2_BEARER, std::string(login->access_token.reveal()).c_str());
    }
    curl_->set(CURLOPT_READFUNCTION, give_bytes);
    curl_->set(CURLOPT_HEADERFUNCTION, take_reply);
    curl_->set(CURLOPT_WRITEFUNCTION, drop_bytes);
}

Transport::~Transport() = default;
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;

Transport::Sent Transport::send(const Mail& mail, std::string_view bytes) {
    const std::unique_ptr<curl_slist, FreeList> to(
        curl_slist_append(nullptr, fmt::format("<{}>", mail.to.mail).c_str()));
    curl_->set(CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from.mail).c_str());
    curl_->set(CURLOPT_MAIL_RCPT, to.get());
    curl_->set(CURLOPT_UPLOAD, 1L);
    Exchange exchange{.unsent = bytes};
    auto sent = curl_->perform(exchange);
    curl_->set<curl_slist*>(CURLOPT_MAIL_RCPT, nullptr);
    return sent;
}

Result<void> Transport::check() {
    Exchange exchange;
    curl_->set(CURLOPT_NOBODY, 1L);
    curl_->set(CURLOPT_CUSTOMREQUEST, "NOOP");
    return curl_->perform(exchange).result;
}

}  // namespace tributary::connectors::smtp
