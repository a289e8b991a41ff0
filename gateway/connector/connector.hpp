// Connector: the one interface through which the engine talks to any system. YAML, built-in C++, shared library and
// process connectors all implement it and pass tests/contract.
//
// Threads: the roles of one connection are called from one executor at a time; different connections run side by side.
// Errors: a Fault says what the engine does next (base/fault.hpp); texts never hold credentials or personal values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/subscriptions.hpp"
#include "gateway/run/hold.hpp"
#include "gateway/run/task.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// One record as the source gave it: a JSON text, whatever the wire format was.
struct SourceRecord {
    std::string external_id;  // the source's own key within the stream; never empty
    std::string json;
    bool deleted = false;  // a tombstone: json may then be just {"id": ...}
};

// A cursor is opaque JSON text that only its connector reads. Empty: from the beginning.
struct Cursor {
    std::string json;
};

struct Page {
    std::vector<SourceRecord> records;
    // Where the next pull goes on. Pulling the same cursor twice is safe: it repeats records, it never skips any.
    Cursor cursor;
    bool last = false;                   // nothing more for now: the next scheduled run starts from `cursor`
    std::optional<std::uint64_t> total;  // the source's own count, when it tells
    // Rows that could not even be made JSON (a broken CSV line): each is quarantined with its error, none is dropped.
    struct Broken {
        std::string position;  // "line 17"
        std::string raw;
        Error error;
    };
    std::vector<Broken> broken;
};

class Source {
  public:
    virtual ~Source() = default;
    // REQUIRES: `stream` is one that check() accepted.
    virtual run::Task<Result<Page>> pull(std::string stream, Cursor cursor) = 0;
    // Reads one record again, for thin webhooks; not_found when it is gone. Default: bad_config.
    virtual run::Task<Result<SourceRecord>> fetch(std::string stream, std::string external_id);
    // Whether the source itself says when a stream has something new (IMAP IDLE), so that nobody waits for a schedule.
    virtual bool can_wait(const std::string&) const { return false; }
    // Waits for that: true when the stream holds more than `cursor`, false at `until` (of the connection's clock) or a
    // stop. An error: it cannot be told for now, the schedule alone counts. Blocks no thread. REQUIRES: can_wait().
    virtual run::Task<Result<bool>> wait(std::string stream, Cursor cursor, SteadyTime until, std::stop_token stop);
};

struct Push {
    std::string idempotency_key;           // constant over all attempts of this item
    value::Document record;                // mapped for the destination
    std::optional<std::string> remote_id;  // its id over there, when known
    bool deleted = false;
    // Asked right before the item leaves, however long it waited for a budget or a connection; null: it may always go.
    std::shared_ptr<const run::Hold> hold;
    // Looks again at what may have changed while it waited, and renews the hold. False: nothing of the push is to be
    // sent. Empty: there is nothing to look at. REQUIRES: nothing of it was sent yet, but first steps of a lone item.
    std::function<run::Task<bool>()> look_again;
};

struct Receipt {
    std::optional<std::string> remote_id;  // learned or confirmed by this push
    bool already_applied = false;          // the destination said that it had this one
};

enum class Idempotency {
    natural_key,      // upsert by external id: a resend is harmless
    idempotency_key,  // the destination deduplicates by our key
    none,             // an ambiguous outcome must be looked up before a resend
};

class Sink {
  public:
    virtual ~Sink() = default;
    virtual Idempotency idempotency(const std::string& action) const = 0;
    // How many items one push of this action may carry; at least 1.
    virtual std::size_t batch_limit(const std::string& action) const = 0;
    // One result for each item, in order. An error with `ambiguous` set in the outcome was sent, but no answer came.
    struct Outcome {
        Result<Receipt> result;
        bool ambiguous = false;
    };
    virtual run::Task<std::vector<Outcome>> push(std::string action, std::vector<Push> items) = 0;
    // Whether an ambiguous item did arrive: its receipt, nullopt when it did not, or an error when that cannot be told.
    virtual run::Task<Result<std::optional<Receipt>>> look_up(std::string action, const Push& item) = 0;
};

// The outcome of a push of which no item went.
std::vector<Sink::Outcome> all_failed(std::size_t count, const Error& error, bool ambiguous = false);

struct InboundRequest {
    std::string method;
    std::string url;     // the public URL as the sender saw it, with its query, percent-encoding untouched
    std::string target;  // path and query as received
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // the raw bytes

    // The first header of that name, case ignored; nullptr when absent.
    const std::string* header(std::string_view name) const;
};

struct InboundAnswer {
    int status = 200;
    std::string content_type = "text/plain";
    std::string body;
};

// One event found in an accepted webhook.
struct InboundEvent {
    std::string topic;
    std::string stream;  // the stream whose mapping reads it
    SourceRecord record;
    bool thin = false;  // holds just an id: fetch the record before mapping
    // Holds no record at all: `stream` has something new and is to be read from its checkpoint.
    bool news = false;
};

// `what` of Hook::verify's Fault::transient when it lacks a sender's public keys, and when they could not be had.
inline constexpr std::string_view kKeysNeeded = "keys_needed";
inline constexpr std::string_view kKeysUnavailable = "keys_unavailable";

// No I/O, so it can be fuzzed and replayed. Safe from several threads.
class Hook {
  public:
    virtual ~Hook() = default;
    // A handshake the platform expects an answer to (challenge echo, unsigned ping); nullopt: an ordinary delivery.
    virtual std::optional<Result<InboundAnswer>> challenge(const InboundRequest& request, Timestamp now) const = 0;
    // Fault::unauthorized with a reason code in `what`: signature_missing, signature_mismatch, timestamp_stale, ...
    // Fault::transient: nothing can be said yet. With kKeysNeeded, Connector::hook_keys() brings what is lacking.
    virtual Result<void> verify(const InboundRequest& request, Timestamp now) const = 0;
    // The request with its body decrypted, for platforms that encrypt; what follows, and what is kept, is that body.
    // Fault::unauthorized with a reason code when it does not open. REQUIRES: verified.
    virtual Result<InboundRequest> open(InboundRequest request) const { return request; }
    // What makes a redelivery recognisable; the engine hashes it. REQUIRES: opened, as for the topic.
    virtual Result<std::string> delivery_id(const InboundRequest& request) const = 0;
    virtual Result<std::string> topic(const InboundRequest& request) const = 0;
    // The events in the stored body. bad_input on an unknown topic names the known ones.
    virtual Result<std::vector<InboundEvent>> decode(const std::string& topic, const std::string& body) const = 0;
    // The answer once an event is kept. Faults are the credentials' own.
    virtual Result<InboundAnswer> accepted(Timestamp) const { return InboundAnswer{202, "text/plain", ""}; }
};

// Brings in the public keys that a Hook judges tokens by.
class HookKeys {
  public:
    virtual ~HookKeys() = default;
    // Fetches what verify() said was needed, within seconds; however many ask, one fetch runs. That it failed is no
    // error here: the next verify() says so. Called on the connection's loop.
    virtual run::Task<> fetch() = 0;
};

class Login;

class Connector {
  public:
    virtual ~Connector() = default;
    // A role that the system does not have is nullptr. Owned by the connector.
    virtual Source* source() { return nullptr; }
    virtual Sink* sink() { return nullptr; }
    virtual const Hook* hook() const { return nullptr; }
    virtual HookKeys* hook_keys() { return nullptr; }
    virtual Subscriptions* subscriptions() { return nullptr; }
    virtual Login* login() { return nullptr; }
    // One cheap call that proves address and credentials.
    virtual run::Task<Result<void>> check() = 0;
};

}  // namespace tributary::connector
