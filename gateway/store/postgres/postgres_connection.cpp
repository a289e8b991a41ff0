#include "gateway/store/postgres/postgres_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/store/postgres/locks.hpp"
#include "gateway/store/postgres/postgres_prepared.hpp"

namespace tributary::store {
namespace {

using Role = PostgresConnection::Role;

// A process that stands still inside a transaction, or that no packet reaches any more, must not hold up the others for
// long: the server ends its session before those who wait for the lock give up.
constexpr const char* kWriteLimits =
    "SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '20s'; SET LOCAL tcp_user_timeout = '10s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '8s'; ";
constexpr const char* kReadLimits =
    "SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '60s'; ";
constexpr const char* kServerTime = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

// How often a lost connection is made anew before the caller hears of it; the pauses grow to a second.
constexpr int kWriteTries = 14, kReadTries = 6;

Milliseconds pause_after(int tries) {
    return Milliseconds{std::min(50 << std::min(tries, 5), 1000)};
}

std::string begin_text(Role role, const Uid& node) {
    switch (role) {
        case Role::writer:
            return fmt::format(
                "BEGIN ISOLATION LEVEL READ COMMITTED; {}SELECT pg_advisory_xact_lock({}); "
                "SELECT {}, encode(node, 'hex') FROM store_turn",
                kWriteLimits, kWriterLock, kServerTime);
        case Role::acceptor:
            return fmt::format(
                "BEGIN ISOLATION LEVEL READ COMMITTED; {}SELECT pg_advisory_xact_lock({}); "
                "SELECT pg_advisory_xact_lock_shared({}); SELECT {}",
                kWriteLimits, node_lock(node), kWebhooksLock, kServerTime);
        case Role::reader:
            break;
    }
    return fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}SELECT {}", kReadLimits, kServerTime);
}

const char* name_of(Role role) {
    return role == Role::writer ? "writer" : role == Role::acceptor ? "acceptor" : "reader";
}

}  // namespace

PostgresConnection::PostgresConnection(const PostgresPlace& place, Role role, Uid node,
                                       const std::atomic<bool>& stopping, const Clock& clock, Log& log)
    : place_(place),
      role_(role),
      node_(node),
      node_name_(node.text()),
      stopping_(stopping),
      clock_(clock),
      log_(log),
      link_(place.dsn, place.named),
      begin_(begin_text(role, node)) {}

PostgresConnection::~PostgresConnection() {
    forget_names();
}

Result<void> PostgresConnection::open() {
    CHECK_OK(link_.connect());
    // A commit is on the disk before it is told, whatever the server's default is.
    TRY(const auto durable, link_.script("SHOW synchronous_commit"));
    if (role_ != Role::reader && PQgetvalue(durable.get(), 0, 0) == std::string_view("off"))
        begin_.insert(begin_.find(';') + 1, " SET LOCAL synchronous_commit = on;");
    if (role_ == Role::reader) return {};
    TRY(const auto made, link_.script(fmt::format("INSERT INTO store_node (node, commits, seen_at) VALUES ('\\x{}', 0, "
                                                  "{})",
                                                  to_hex(node_.view()), kServerTime)));
    return {};
}

Result<void> PostgresConnection::vacuum(const char* table) {
    return script(fmt::format("VACUUM {}", table));
}

Result<std::unique_ptr<Prepared>> PostgresConnection::prepare(const char* sql) {
    TRY(auto* const shape, link_.prepare(sql));
    return std::make_unique<PostgresPrepared>(*this, *shape);
}

Result<void> PostgresConnection::script(const std::string& sql) {
    CHECK_OK(link_.script(sql));
    return {};
}

Result<void> PostgresConnection::begin_once() {
    CHECK_OK(link_.connect());
    TRY(const auto answer, link_.script(begin_));
    const auto text = [&](int column) { return std::string_view(PQgetvalue(answer.get(), 0, column)); };
    if (PQntuples(answer.get()) != 1) return fail(Fault::internal, "the database has lost the table store_turn");
    if (!place_.own_clock) {
        // Our time is read last: the server is never thought to be further ahead than it is, so nobody's lease is
        // taken too early.
        const Timestamp server{Milliseconds{to_integer(text(0)).value_or(0)}};
        ahead_ = server - clock_.now();
    }
    if (role_ == Role::writer) {
        my_turn_ = text(1) == to_hex(node_.view());
        took_turn_ = !my_turn_;
    }
    return {};
}

void PostgresConnection::note_loss(const std::string& what) {
    ++losses_;
    if (!away_.exchange(true)) log_.warn("store.away", {{"connection", name_of(role_)}, {"what", what}});
}

Result<void> PostgresConnection::begin() {
    changed_ = took_turn_ = false;
    // Lost inside the transaction before: whether it can be reached anew may take a while to learn.
    if (!link_.alive()) note_loss("the connection to the database was lost");
    const int tries = role_ == Role::reader ? kReadTries : kWriteTries;
    for (int tried = 1;; ++tried) {
        auto begun = begin_once();
        if (begun) {
            if (away_.exchange(false)) log_.info("store.back", {{"connection", name_of(role_)}});
            return {};
        }
        const bool lost = !link_.alive() && begun.error().fault == Fault::transient;
        if (lost) note_loss(begun.error().what);
        roll_back();
        if (!lost || tried >= tries || stopping_) return begun;
        std::this_thread::sleep_for(pause_after(tried));
    }
}

Result<void> PostgresConnection::commit() {
    if (!changed_) return script("COMMIT");
    const auto number = commits_ + 1;
    const auto node = to_hex(node_.view());
    std::string text;
    if (role_ == Role::writer && !my_turn_) text = fmt::format("UPDATE store_turn SET node = '\\x{}'; ", node);
    text += fmt::format(
        "INSERT INTO store_node (node, commits, seen_at) VALUES ('\\x{}', {}, {}) ON CONFLICT (node) DO "
        "UPDATE SET commits = excluded.commits, seen_at = excluded.seen_at; COMMIT",
        node, number, kServerTime);
    auto committed = script(text);
    if (!committed && !link_.alive()) committed = learn_outcome(number);
    if (committed) commits_ = number;
    return committed;
}

// Each transaction that writes holds this lock from its first word on: it is only free once the server ended the lost
// one, this way or that.
Result<std::uint64_t> PostgresConnection::commits_kept() {
    CHECK_OK(link_.connect());
    const auto sql = fmt::format(
        "BEGIN; SET LOCAL lock_timeout = '20s'; SELECT pg_advisory_xact_lock({}); "
        "SELECT commits FROM store_node WHERE node = '\\x{}' FOR UPDATE",
        role_ == Role::writer ? kWriterLock : node_lock(node_), to_hex(node_.view()));
    auto answer = link_.script(sql);
    if (!answer) {
        roll_back();
        return pass(std::move(answer));
    }
    if (PQntuples(answer->get()) != 1) return fail(Fault::internal, "the database has lost the row of this gateway");
    const auto kept = to_integer(PQgetvalue(answer->get(), 0, 0)).value_or(0);
    roll_back();
    return static_cast<std::uint64_t>(kept);
}

// Asked for as long as it takes: callers can do nothing with a maybe.
Result<void> PostgresConnection::learn_outcome(std::uint64_t number) {
    away_ = true;
    ++losses_;
    log_.warn("store.commit_unanswered", {{"commit", number}});
    for (int tried = 1;; ++tried) {
        const auto kept = commits_kept();
        if (kept) {
            away_ = false;
            log_.info("store.commit_settled", {{"commit", number}, {"committed", *kept == number}});
            if (*kept == number) return {};
            return fail(Fault::transient, "the connection was lost before the commit: nothing was written");
        }
        if (kept.error().fault == Fault::internal || (stopping_ && tried >= kWriteTries)) {
            broken_ = true;
            return fail(Fault::internal,
                        "whether the last commit went through could not be learnt: " + kept.error().what);
        }
        std::this_thread::sleep_for(pause_after(tried));
    }
}

void PostgresConnection::roll_back() {
    if (in_transaction()) std::ignore = link_.script("ROLLBACK");  // the error that led here is what is told
}

bool PostgresConnection::in_transaction() const {
    const auto state = link_.transaction();
    return state == PQTRANS_INTRANS || state == PQTRANS_INERROR || state == PQTRANS_ACTIVE;
}

Result<void> PostgresConnection::bar_webhooks() {
    return script(fmt::format("SELECT pg_advisory_xact_lock({})", kWebhooksLock));
}

}  // namespace tributary::store
