// MailRecords: gathers the records of one page. A message is one record under the digest of its headers, so the same
// message keeps its key when the server numbers its folder anew, and nobody can write over another's by sending one
// with the same Message-ID. A report is one record for each address it names, a sender one, under that address.
#pragma once

#include <set>
#include <vector>

#include "connectors/email/imap/imap_settings.hpp"
#include "connectors/email/imap/session.hpp"
#include "connectors/email/message/mail_message.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::imap {

class MailRecords {
  public:
    // REQUIRES: settings and stream outlive this. `now` dates messages that have no date at all.
    MailRecords(const ImapSettings& settings, const Stream& stream, Timestamp now);

    void add(const Fetched& message);
    void broken(Uid uid, Error error);
    // Forgets all that was added for these.
    void drop(const std::vector<Uid>& uids);
    connector::Page take();

  private:
    void add_message(const Fetched& fetched, const mail::MailMessage& message, Timestamp received);
    void add_sender(const Fetched& fetched, const mail::MailMessage& message, Timestamp received);
    void add_report(const Fetched& fetched, const mail::MailMessage& message, Timestamp received);

    const ImapSettings& settings_;
    const Stream& stream_;
    Timestamp now_;
    mail::MailLimits limits_;
    connector::Page page_;
    std::vector<Uid> uids_;  // of each record
};

}  // namespace tributary::connectors::imap
