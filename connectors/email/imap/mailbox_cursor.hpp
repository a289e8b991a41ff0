// MailboxCursor: how far a stream has read its folder. UIDs rise and are never used again while UIDVALIDITY stays;
// when it changes, all that was known about the folder is void. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/email/imap/session.hpp"

namespace tributary::connectors::imap {

struct MailboxCursor {
    std::uint64_t validity = 0;  // 0: nothing was read yet
    Uid uid = 0;                 // every message up to this one was read
    std::uint64_t modseq = 0;    // and every change of flags up to this (RFC 7162); 0: changes are not followed
    // A round over changes that needs several pages: up to `target`, done for UIDs up to `at`.
    std::uint64_t target = 0;
    Uid at = 0;

    // bad_config when it is no cursor of ours.
    static Result<MailboxCursor> read(std::string_view json);
    std::string write() const;

    enum class Fit { same, fresh, renewed };
    // Begins anew where the folder is another one than before.
    Fit fit(const Folder& folder);
    // Whether the folder holds more than was read: new messages, or with `flags` changed ones.
    bool behind(const Folder& folder, bool flags) const;

    friend bool operator==(const MailboxCursor&, const MailboxCursor&) = default;
};

// The runs of UIDs in which new messages are looked for: they double where a folder is sparse.
class UidWindows {
  public:
    // `last` 0: unknown, one window without end.
    UidWindows(Uid after, std::uint64_t next_uid, Uid width)
        : from_(std::uint64_t{after} + 1),
          last_(next_uid == 0 ? 0 : next_uid - 1),
          width_(width),
          open_(next_uid == 0) {}

    struct Window {
        Uid from, to;  // to 0: no end
    };
    // nullopt: all were given out.
    std::optional<Window> next();

  private:
    std::uint64_t from_, last_, width_;
    bool open_;
};

}  // namespace tributary::connectors::imap
