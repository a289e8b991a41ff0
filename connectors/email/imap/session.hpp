// Session: the commands that reading a mailbox needs (RFC 3501, RFC 7162, RFC 2177), over a Wire. Nothing here changes
// the mailbox: EXAMINE, BODY.PEEK.
//
// Every call may block; one thread at a time. After an error other than a refusal (refused()) the session is of no use.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/email/imap/response_reader.hpp"
#include "connectors/email/imap/wire.hpp"

namespace tributary::connectors::imap {

using Uid = std::uint32_t;

struct Folder {
    std::uint64_t validity = 0;
    std::uint64_t next_uid = 0;  // 0: the server does not tell
    std::uint64_t exists = 0;
    std::optional<std::uint64_t> modseq;  // HIGHESTMODSEQ, with CONDSTORE
};

struct Fetched {
    Uid uid = 0;
    std::uint64_t size = 0;
    std::vector<std::string> flags;
    std::string internal_date;
    std::optional<std::string> bytes;  // of the BODY section that was asked for
};

class Session {
  public:
    // Learns what the server can do and tells who we are when it wants to know (some refuse to open folders before).
    static Result<Session> open(std::unique_ptr<Wire> wire, ResponseLimits limits, Milliseconds timeout);

    bool can(const std::string& capability) const { return capabilities_.contains(capability); }
    // Opens a folder read-only; `name` is UTF-8. not_found when the server does not have it.
    Result<Folder> examine(const std::string& name);
    // The UIDs there are in [from, to], ascending; `to` 0: no end. `since`: "5-Feb-2024", empty: all.
    Result<std::vector<Uid>> search(Uid from, Uid to, const std::string& since);
    // `items` is what stands in FETCH's brackets, `modifier` what follows them. `take` gets each message as it arrives.
    Result<void> fetch(const std::string& set, std::string_view items, std::string_view modifier,
                       const std::function<void(Fetched)>& take);

    // IDLE: from begin to end no other command. poll() reads what has come without waiting and tells whether the
    // folder may have changed: new messages, or with `flags` changed ones.
    Result<void> idle_begin();
    Result<bool> idle_poll(bool flags);
    Result<void> idle_end();
    int descriptor() const { return wire_->descriptor(); }

    // The last command was answered with NO: the session goes on.
    bool refused() const { return refused_; }

  private:
    Session(std::unique_ptr<Wire> wire, ResponseLimits limits, Milliseconds timeout)
        : wire_(std::move(wire)), reader_(limits), timeout_(timeout) {}

    using Take = std::function<void(Response&)>;
    // Sends a command and hands over what comes before its end. `no` is the fault of a NO that says nothing more exact.
    Result<void> run(std::string_view command, Fault no, const Take& take);
    Result<Response> next();
    Result<void> finish(const std::string& tag, Fault no, const Take& take);
    void learn(const std::vector<Value>& capabilities, std::size_t from);

    std::unique_ptr<Wire> wire_;
    ResponseReader reader_;
    Milliseconds timeout_;
    std::set<std::string> capabilities_;  // upper case
    std::uint64_t commands_ = 0;
    std::uint64_t exists_ = 0;  // messages in the folder that is open
    std::string idle_tag_;
    bool refused_ = false;
};

// Ascending UIDs as a set: 3,4,5,9 is "3:5,9".
std::string uid_set(const std::vector<Uid>& uids);

}  // namespace tributary::connectors::imap
