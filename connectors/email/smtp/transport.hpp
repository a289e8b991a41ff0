// Transport: hands mails to an SMTP server through libcurl (RFC 5321), several over one connection. Every call blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/email/mail_login.hpp"
#include "connectors/email/smtp/mail.hpp"
#include "gateway/base/result.hpp"

namespace tributary::connectors::smtp {

struct Server {
    enum class Security {
        starttls,             // required
        starttls_if_offered,  // the connection stays open to anybody who listens in when it is not
        tls,                  // from the first byte (port 465)
        none,
    };
    std::string host;
    int port = 587;
    Security security = Security::starttls;
    std::string domain;   // what we call ourselves (EHLO)
    std::string ca_file;  // PEM file trusted instead of the system's store; empty: the system's
    Milliseconds timeout{30000};
};

class Transport {
  public:
    // nullopt: no login.
    Transport(const Server& server, const std::optional<email::MailLogin>& login);
    ~Transport();
    Transport(Transport&&) noexcept;
    Transport& operator=(Transport&&) noexcept;

    struct Sent {
        Result<void> result;
        // The whole message was sent, but no answer came: it may be on its way.
        bool ambiguous = false;
    };
    // What the server's answer means:
    //   4yz transient; 530, 534, 535, 538 unauthorized; 500 to 504 bad_config; x.7.z (policy) refused; other 5yz
    //   bad_input.
    // No connection is transient, a certificate that does not verify or missing STARTTLS bad_config.
    // The answer's text may quote the recipient: only its codes are told.
    Sent send(const Mail& mail, std::string_view bytes);
    // Connects, logs in and says NOOP.
    Result<void> check();

  private:
    struct Curl;
    std::unique_ptr<Curl> curl_;
};

}  // namespace tributary::connectors::smtp
