// A mail as the JSON record that mappings read. README.md of the imap connector lists its fields.
#pragma once

#include "connectors/email/message/mail_message.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::mail {

// Writes the members into the object that is open: whatever the transport knows can stand beside them.
// `received` is the date of a mail without one.
void write_message(const MailMessage& message, Timestamp received, value::Builder& out);

}  // namespace tributary::connectors::mail
