#include "connectors/email/imap/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/email/imap/mail_records.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::imap {

namespace {

using connector::Page;
using Take = Stream::Take;

constexpr std::size_t kPageBytes = 32UL << 20;  // fetched for one page, the last message aside
constexpr int kWindows = 20;                    // searched for one page
constexpr std::size_t kHeads = 500;             // looked at for one page of reports

struct Head {
    Uid uid = 0;
    std::uint64_t size = 0;
    bool report = false;
};

// Whether the headers that were asked for announce a report of the kind wanted.
bool announces(std::string_view headers, Take take) {
    const auto lower = lower_ascii(headers);
    if (take == Take::complaints) return lower.find("feedback-report") != lower.npos;
    return lower.find("delivery-status") != lower.npos || lower.find("x-failed-recipients") != lower.npos;
}

class Reading {
  public:
    Reading(Session& session, const ImapSettings& settings, const Stream& stream, Timestamp now, MailboxCursor& cursor)
        : session_(session), stream_(stream), cursor_(cursor), records_(settings, stream, now) {}

    // New messages; true when there are no more.
    Result<bool> news(const Folder& folder) {
        UidWindows windows(cursor_.uid, folder.next_uid, static_cast<Uid>(stream_.page * 20));
        const auto most = stream_.reports() ? kHeads : stream_.page;
        for (int i = 0; i < kWindows; ++i) {
            const auto window = windows.next();
            if (!window) return true;
            TRY(auto uids, session_.search(window->from, window->to, stream_.since));
            const bool more = uids.size() > most;
            if (more) uids.resize(most);
            TRY(const auto done, messages(uids));
            if (done < uids.size()) {
                cursor_.uid = uids[done - 1];
                return false;
            }
            // All that the window holds was read, so its end counts, not the last message in it.
            if (more || window->to == 0)
                cursor_.uid = uids.empty() ? cursor_.uid : uids.back();
            else
                cursor_.uid = window->to;
            if (more || !uids.empty()) return !more && !windows.next();
        }
        return false;
    }

    // Messages whose flags changed; true when there are no more.
    Result<bool> changes(const Folder& folder) {
        if (!stream_.flags || !folder.modseq || cursor_.modseq == 0 || cursor_.uid == 0) return true;
        if (cursor_.target == 0 && *folder.modseq <= cursor_.modseq) return true;
        if (cursor_.target == 0) cursor_.target = *folder.modseq;
        std::vector<Uid> uids;
        if (cursor_.at < cursor_.uid) {
            CHECK_OK(session_.fetch(fmt::format("{}:{}", cursor_.at + 1, cursor_.uid), "UID",
                                    fmt::format("(CHANGEDSINCE {})", cursor_.modseq),
                                    [&](const Fetched& one) { uids.push_back(one.uid); }));
            std::erase_if(uids, [&](Uid uid) { return uid <= cursor_.at || uid > cursor_.uid; });
            std::ranges::sort(uids);
        }
        const bool more = uids.size() > stream_.page;
        if (more) uids.resize(stream_.page);
        TRY(const auto done, messages(uids));
        if (more || done < uids.size()) {
            cursor_.at = uids[done - 1];
            return false;
        }
        cursor_.modseq = cursor_.target;
        cursor_.target = 0;
        cursor_.at = 0;
        return true;
    }

    Page take() { return records_.take(); }

  private:
    // Reads these; how many are done: fewer than asked for when the page is full, but at least one.
    Result<std::size_t> messages(const std::vector<Uid>& uids) {
        if (uids.empty()) return 0;
        TRY(const auto heads, heads_of(uids));
        std::vector<Uid> wanted;
        std::uint64_t bytes = 0;
        std::size_t done = 0;
        for (; done < uids.size(); ++done) {
            const auto head = std::ranges::lower_bound(heads, uids[done], {}, &Head::uid);
            if (head == heads.end() || head->uid != uids[done]) continue;  // it is gone by now
            if (stream_.reports() && !head->report) continue;
            if (wanted.size() == stream_.page || (!wanted.empty() && bytes + head->size > kPageBytes)) break;
            bytes += std::min<std::uint64_t>(head->size, stream_.max_message);
            wanted.push_back(head->uid);
        }
        CHECK_OK(bodies(wanted));
        return done;
    }

    Result<std::vector<Head>> heads_of(const std::vector<Uid>& uids) {
        const auto items = stream_.reports()
                               ? "UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)]"
                               : "UID RFC822.SIZE";
        std::vector<Head> heads;
        CHECK_OK(session_.fetch(uid_set(uids), items, "", [&](const Fetched& one) {
            heads.push_back({one.uid, one.size, announces(one.bytes.value_or(""), stream_.take)});
        }));
        std::ranges::sort(heads, {}, &Head::uid);
        return heads;
    }

    Result<void> bodies(const std::vector<Uid>& uids) {
        if (uids.empty()) return {};
        auto all = body(uids);
        if (all || !session_.refused()) return all;
        // The server cannot give one of them: the others do not wait for that.
        records_.drop(uids);
        for (const auto uid : uids) {
            auto one = body({uid});
            if (!one && !session_.refused()) return one;
            if (!one) records_.broken(uid, std::move(one).error());
        }
        return {};
    }

    Result<void> body(const std::vector<Uid>& uids) {
        const auto items = fmt::format("UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{}>", stream_.max_message);
        return session_.fetch(uid_set(uids), items, "", [&](const Fetched& one) {
            if (std::ranges::binary_search(uids, one.uid)) records_.add(one);
        });
    }

    Session& session_;
    const Stream& stream_;
    MailboxCursor& cursor_;
    MailRecords records_;
};

}  // namespace

std::optional<Timestamp> internal_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
    text = trim(text);
    const auto words = split(text, ' ');
    if (words.size() != 3 || words[1].size() != 8 || words[2].size() != 5) return std::nullopt;
    const auto date = split(words[0], '-');
    if (date.size() != 3) return std::nullopt;
    const auto month = std::ranges::find(kMonths, lower_ascii(date[1]));
    const auto day = to_integer(date[0]), year = to_integer(date[2]);
    const auto hours = to_integer(words[1].substr(0, 2)), minutes = to_integer(words[1].substr(3, 2)),
               seconds = to_integer(words[1].substr(6, 2)), zone = to_integer(words[2].substr(1));
    if (month == kMonths.end() || !day || !year || !hours || !minutes || !seconds || !zone || *year > 9999 || *day > 31)
        return std::nullopt;
    const std::chrono::year_month_day parts{std::chrono::year(static_cast<int>(*year)),
                                            std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    if (!parts.ok() || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
    const auto offset = std::chrono::hours(*zone / 100) + std::chrono::minutes(*zone % 100);
    const auto local = std::chrono::sys_days(parts) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
                       std::chrono::seconds(*seconds);
    return Timestamp(words[2][0] == '-' ? local + offset : local - offset);
}

Result<Page> read_page(Session& session, const ImapSettings& settings, const Stream& stream, const std::string& saved,
                       Timestamp now, Log& log) {
    TRY(auto cursor, MailboxCursor::read(saved));
    TRY(const auto folder, session.examine(stream.folder));
    const auto before = cursor.validity;
    if (cursor.fit(folder) == MailboxCursor::Fit::renewed) {
        log.warn("mailbox is read again from its beginning: its UIDVALIDITY changed",
                 {{"folder", stream.folder}, {"before", before}, {"now", folder.validity}});
    }
    Reading reading(session, settings, stream, now, cursor);
    TRY(bool last, reading.news(folder));
    if (last) {
        TRY(last, reading.changes(folder));
    }
    auto page = reading.take();
    page.last = last;
    page.cursor.json = cursor.write();
    return page;
}

}  // namespace tributary::connectors::imap
