// One page of a folder: new messages first, then, when they are followed, those whose flags changed. Stateless besides
// the cursor, so a page may be read twice and none is left out.
#pragma once

#include "connectors/email/imap/imap_settings.hpp"
#include "connectors/email/imap/mailbox_cursor.hpp"
#include "gateway/base/log.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::imap {

// Blocks. `now` dates messages that have no date at all.
Result<connector::Page> read_page(Session& session, const ImapSettings& settings, const Stream& stream,
                                  const std::string& cursor, Timestamp now, Log& log);

// "17-Jul-1996 02:44:25 -0700" (RFC 3501's date-time); nullopt when it is none.
std::optional<Timestamp> internal_date(std::string_view text);

}  // namespace tributary::connectors::imap
