// Wire: a connection to an IMAP server that is logged in. Behind it stand libcurl, or a script in tests.
//
// Every call may block; one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/email/mail_login.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::connectors::imap {

class Wire {
  public:
    virtual ~Wire() = default;
    // transient when the connection is gone.
    virtual Result<void> send(std::string_view bytes) = 0;
    // Some bytes; none when nothing came within `wait`. transient when the connection is gone.
    virtual Result<std::string> receive(Milliseconds wait) = 0;
    // The socket, to be waited on (readable) after receive() gave nothing; -1: there is none.
    virtual int descriptor() const = 0;
};

struct Server {
    enum class Security { tls, starttls, none };
    std::string host;
    int port = 993;
    Security security = Security::tls;
    std::string ca_file;  // PEM file trusted instead of the system's store; empty: the system's
    Milliseconds timeout{30000};
};

// Connects and logs in with libcurl: TLS or STARTTLS, then the best SASL mechanism that both know. unauthorized: the
// login was refused; bad_config: the certificate does not verify, or STARTTLS is missing; else transient. Blocks.
Result<std::unique_ptr<Wire>> connect(const Server& server, const email::MailLogin& login);

}  // namespace tributary::connectors::imap
