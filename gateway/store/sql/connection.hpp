// Connection: one handle of an SQL engine, as the tables see it. It remembers the worst that happened to it: a broken
// one is never used again, a full one only had no room for the current transaction, a failed one cannot go on before a
// rollback. The SQL of the tables is one for all engines: parameters are ?1, ?2 and so on, texts are compared by bytes,
// an inserted id comes back by RETURNING.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

class Names;

// One SQL text, prepared. What is bound only has to live until step() said that there is nothing more, or reset().
class Prepared {
  public:
    virtual ~Prepared() = default;
    virtual void bind(int index, std::int64_t value) = 0;
    virtual void bind_text(int index, std::string_view value) = 0;
    virtual void bind_blob(int index, std::string_view value) = 0;
    virtual void bind_null(int index) = 0;
    // Whether there is a row now. The first call runs the statement.
    virtual Result<bool> step() = 0;
    virtual void reset() = 0;
    // Of the run that just ended.
    virtual std::int64_t changed() const = 0;
    // Of the current row.
    virtual std::int64_t integer(int column) const = 0;
    virtual std::string_view bytes(int column) const = 0;
    virtual bool null(int column) const = 0;

    // How many runs may be put aside and then go to the engine in one round trip; 1: none, each goes by itself.
    virtual std::size_t together() const { return 1; }
    // Puts a run aside with what is bound, which is copied; clear_aside() stands before the first.
    virtual void clear_aside() {}
    virtual Result<void> put_aside() { return {}; }
    // Runs what was put aside, in order, up to the first error. Then next() turns to the rows of each in turn.
    virtual Result<void> run_aside() { return {}; }
    virtual void next() {}
};

class Connection {
  public:
    virtual ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    virtual Result<std::unique_ptr<Prepared>> prepare(const char* sql) = 0;

    virtual Result<void> begin_write() = 0;
    // One snapshot from the first read on.
    virtual Result<void> begin_read() = 0;
    // An error says that nothing was committed, or breaks the connection.
    virtual Result<void> commit() = 0;
    virtual void roll_back() = 0;
    // One rollback point in a transaction; the next one takes its place.
    virtual Result<void> mark() = 0;
    virtual Result<void> leave_mark() = 0;
    virtual Result<void> roll_back_to_mark() = 0;

    // False once the engine ended the transaction by itself.
    virtual bool in_transaction() const = 0;
    // A statement failed, and the engine takes no other before the rollback of the transaction or to the mark.
    virtual bool failed() const { return false; }
    virtual bool broken() const = 0;
    // The engine was not reached when it was asked last. From any thread.
    virtual bool away() const { return false; }
    // How often the engine was lost and had to be reached anew.
    virtual std::uint64_t losses() const { return 0; }
    virtual bool full() const { return false; }
    virtual void clear_full() {}

    // Whether other processes write to the same tables. What is kept in memory of them is then only good until
    // took_turn().
    virtual bool shared() const { return false; }
    // Whether another process wrote since the last transaction of this connection. Asked once after begin_write().
    virtual bool took_turn() { return false; }
    // This process among those that share the tables.
    virtual std::string_view node() const { return {}; }
    // Until this transaction ends nobody else puts a webhook: what is changed here was in force for those before, and
    // will be for those after. Where all writes are one by one, it is so anyway.
    virtual Result<void> bar_webhooks() { return {}; }
    // How far the clock that decides about leases is ahead of this process's: where several processes share the tables,
    // it is the engine's. lease_time() leads to it, our_time() back.
    virtual Milliseconds lease_clock() const { return Milliseconds{0}; }
    Timestamp lease_time(Timestamp ours) const { return ours + lease_clock(); }
    Timestamp our_time(Timestamp lease) const { return lease - lease_clock(); }

    Names& names() { return *names_; }
    // An error met where none can be returned; the statement that runs reports it.
    void defer(Error error) { deferred_ = std::move(error); }
    std::optional<Error> take_deferred() { return std::exchange(deferred_, std::nullopt); }

  protected:
    Connection();
    // Before the handle goes: the statements of the names are of it.
    void forget_names();

  private:
    std::unique_ptr<Names> names_;
    std::optional<Error> deferred_;
};

}  // namespace tributary::store
