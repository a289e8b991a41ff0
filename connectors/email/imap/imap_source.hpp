// ImapSource: folders as streams, page by page, and IDLE between two runs. Each stream has a connection of its own,
// kept while pages follow each other and while the folder is listened to.
#pragma once

#include <map>
#include <memory>

#include "connectors/email/imap/imap_settings.hpp"
#include "connectors/email/imap/session.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::imap {

class ImapSource final : public connector::Source {
  public:
    // REQUIRES: the settings and all that the setup refers to outlive this.
    ImapSource(const ImapSettings& settings, connector::Setup setup);

    run::Task<Result<connector::Page>> pull(std::string stream, connector::Cursor cursor) override;
    bool can_wait(const std::string& stream) const override;
    run::Task<Result<bool>> wait(std::string stream, connector::Cursor cursor, SteadyTime until,
                                 std::stop_token stop) override;
    // Logs in and opens every folder.
    run::Task<Result<void>> check();
    connector::Login* login() const { return logins_.login(); }

  private:
    using Held = std::unique_ptr<Session>;
    run::Task<Result<Held>> open();
    Result<Held> connect_as(const email::MailLogin& login) const;  // blocks
    run::Task<Result<connector::Page>> read(Session& session, const Stream& stream, const std::string& cursor);
    // The stream's connection, which nobody else has while it is taken; null when there is none.
    Held take(const std::string& stream);
    run::Task<> let_go(Held session);
    run::Task<Result<bool>> listen(Session& session, const Stream& stream, const std::string& cursor, SteadyTime until,
                                   std::stop_token stop);

    const ImapSettings& settings_;
    email::MailLogins logins_;
    run::Timers& timers_;
    run::Pool& pool_;
    Log& log_;
    std::map<std::string, Held> sessions_;  // by stream; used on the connector's loop alone
};

}  // namespace tributary::connectors::imap
