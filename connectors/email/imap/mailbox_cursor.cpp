#include "connectors/email/imap/mailbox_cursor.hpp"

#include <algorithm>

#include "gateway/value/json.hpp"

namespace tributary::connectors::imap {

Result<MailboxCursor> MailboxCursor::read(std::string_view json) {
    MailboxCursor cursor;
    if (json.empty()) return cursor;
    const auto document = value::parse_json(json);
    if (!document || !document->root().find("validity").is(value::Kind::integer))
        return fail(Fault::bad_config, "the saved cursor is not a mailbox's: reset the stream");
    const auto number = [&](std::string_view name) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, document->root().find(name).integer()));
    };
    cursor.validity = number("validity");
    cursor.uid = static_cast<Uid>(std::min<std::uint64_t>(number("uid"), 0xFFFFFFFF));
    cursor.modseq = number("modseq");
    cursor.target = number("target");
    cursor.at = static_cast<Uid>(std::min<std::uint64_t>(number("at"), 0xFFFFFFFF));
    return cursor;
}

std::string MailboxCursor::write() const {
    value::Builder out;
    const auto number = [&](std::string_view key, std::uint64_t value) {
        out.key(key).integer(static_cast<std::int64_t>(value));
    };
    out.begin_object();
    number("validity", validity);
    number("uid", uid);
    if (modseq > 0) number("modseq", modseq);
    if (target > 0) {
        number("target", target);
        number("at", at);
    }
    return value::to_json(out.end().take().root());
}

MailboxCursor::Fit MailboxCursor::fit(const Folder& folder) {
    if (validity == folder.validity) return Fit::same;
    const auto fit = validity == 0 ? Fit::fresh : Fit::renewed;
    // What changes from here on is newer than this, also while the first reading is still under way.
    *this = {.validity = folder.validity, .modseq = folder.modseq.value_or(0)};
    return fit;
}

bool MailboxCursor::behind(const Folder& folder, bool flags) const {
    if (validity != folder.validity) return true;
    if (folder.next_uid > 0 && std::uint64_t{uid} + 1 < folder.next_uid) return true;
    return flags && modseq > 0 && folder.modseq && *folder.modseq > modseq;
}

std::optional<UidWindows::Window> UidWindows::next() {
    if (from_ > 0xFFFFFFFF || (open_ ? last_ == 1 : from_ > last_)) return std::nullopt;
    if (open_) {
        last_ = 1;  // given out
        return Window{static_cast<Uid>(from_), 0};
    }
    const auto to = std::min({from_ + width_ - 1, last_, std::uint64_t{0xFFFFFFFF}});
    const Window window{static_cast<Uid>(from_), static_cast<Uid>(to)};
    from_ = to + 1;
    width_ = std::min<std::uint64_t>(width_ * 2, 1 << 20);
    return window;
}

}  // namespace tributary::connectors::imap
