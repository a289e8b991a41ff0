// C++ sugar over tributary_plugin.h: derive from Connector, override what your system can do, and end the file with
// TRIBUTARY_PLUGIN(YourConnector). Header only, standard library alone, C++17.
//
// Throw Failure for everything that goes wrong; any other exception is told as an internal error, with its type's
// text left out. Nothing that is thrown crosses the border.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tributary_json.hpp"
#include "tributary_plugin.h"

namespace tributary::plugin {

// `fault` says what the gateway does next: bad_input (this record is wrong), bad_config (stop, tell the operator),
// unauthorized, rate_limited, transient (try again), conflict, refused, not_found, internal. `what` is read by people:
// it never holds a credential or a person's data.
struct Failure : std::exception {
    Failure(std::string fault_, std::string what_, std::int64_t retry_after_ms_ = 0)
        : fault(std::move(fault_)), text(std::move(what_)), retry_after_ms(retry_after_ms_) {}
    const char* what() const noexcept override { return text.c_str(); }
    std::string fault, text;
    std::int64_t retry_after_ms;
    bool ambiguous = false;  // of a push: it was sent, but no answer came
};

class Host {
  public:
    explicit Host(const tributary_host* host) : host_(host) {}
    void log(tributary_log_level level, std::string_view message) const {
        host_->log(host_->context, level, {message.data(), message.size()});
    }
    // Nobody waits for this call any more: return.
    bool cancelled() const { return host_->cancelled(host_->context) != 0; }

  private:
    const tributary_host* host_;
};

struct Record {
    std::string id;    // the source's own key within the stream; never empty
    std::string json;  // the record, a JSON object
    bool deleted = false;
};

struct Page {
    std::vector<Record> records;
    std::string cursor;  // JSON that only you read; pulling it again repeats records, it never skips any
    bool last = false;   // nothing more for now
};

struct Item {
    std::string idempotency_key;  // constant over all attempts
    Json record;
    std::optional<std::string> remote_id;  // its id over there, when known
    bool deleted = false;
};

struct Receipt {
    std::optional<std::string> remote_id;
    bool already_applied = false;
};

struct Action {
    std::string name;
    std::string idempotency = "none";  // natural_key, idempotency_key or none
    int batch = 1;                     // items in one push
};

class Connector {
  public:
    virtual ~Connector() = default;
    // Names of what can be read and written.
    virtual std::vector<std::string> streams() const { return {}; }
    virtual std::vector<Action> actions() const { return {}; }
    // One cheap call that proves address and credentials.
    virtual void check() {}
    // The cursor is empty the first time.
    virtual Page pull(const std::string& stream, const std::string& cursor) { throw missing(stream, cursor); }
    virtual Record fetch(const std::string& stream, const std::string& id) { throw missing(stream, id); }
    // One item of a batch.
    virtual Receipt push(const std::string& action, const Item& item) { throw missing(action, item.idempotency_key); }
    // Whether an item did arrive; nullopt: it did not.
    virtual std::optional<Receipt> look_up(const std::string& action, const Item& item) {
        throw missing(action, item.idempotency_key);
    }

  private:
    static Failure missing(const std::string& name, const std::string&) {
        return Failure("bad_config", "this plug-in cannot do that with '" + name + "'");
    }
};

namespace detail {

inline Json error(const Failure& failure) {
    Json inner = Json::object();
    inner.set("fault", failure.fault).set("what", failure.text);
    if (failure.retry_after_ms > 0) inner.set("retry_after_ms", failure.retry_after_ms);
    if (failure.ambiguous) inner.set("ambiguous", true);
    return Json(Json::object().set("error", std::move(inner)));
}

inline void answer_with(tributary_answer* answer, const Json& json) {
    auto* text = new std::string(json.write());
    *answer = {text->data(), text->size(), text};
}

// Runs f() and tells what it threw.
template <class F>
Json guarded(F f) {
    try {
        return f();
    } catch (const Failure& failure) {
        return error(failure);
    } catch (const std::exception&) {
        return error(Failure("internal", "the plug-in threw an exception that is no Failure"));
    }
}

inline Json of(const Record& record) {
    Json out = Json::object();
    out.set("id", record.id).set("json", record.json);
    if (record.deleted) out.set("deleted", true);
    return out;
}

inline Json of(const Receipt& receipt) {
    Json out = Json::object();
    if (receipt.remote_id) out.set("remote_id", *receipt.remote_id);
    if (receipt.already_applied) out.set("already_applied", true);
    return out;
}

inline Item item(const Json& json) {
    Item out{json["idempotency_key"].text(), json["record"], std::nullopt, json["deleted"].boolean()};
    if (!json["remote_id"].is_null()) out.remote_id = json["remote_id"].text();
    return out;
}

inline Json describe(const Connector& connector) {
    Json streams = Json::array(), actions = Json::array();
    for (const auto& name : connector.streams()) streams.add(name);
    for (const auto& action : connector.actions())
        actions.add(Json(
            Json::object().set("name", action.name).set("idempotency", action.idempotency).set("batch", action.batch)));
    return Json(Json::object().set("streams", std::move(streams)).set("actions", std::move(actions)));
}

inline Json pull(Connector& connector, const Json& request) {
    const auto page = connector.pull(request["stream"].text(), request["cursor"].text());
    Json records = Json::array();
    for (const auto& record : page.records) records.add(of(record));
    return Json(Json::object().set("records", std::move(records)).set("cursor", page.cursor).set("last", page.last));
}

inline Json push(Connector& connector, const Json& request) {
    Json outcomes = Json::array();
    for (const auto& each : request["items"].items())
        outcomes.add(guarded([&] { return of(connector.push(request["action"].text(), item(each))); }));
    return Json(Json::object().set("outcomes", std::move(outcomes)));
}

inline Json look_up(Connector& connector, const Json& request) {
    const auto found = connector.look_up(request["action"].text(), item(request["item"]));
    return Json(Json::object().set("receipt", found ? of(*found) : Json()));
}

inline Json run(Connector& connector, std::string_view operation, const Json& request) {
    if (operation == "describe") return describe(connector);
    if (operation == "check") return connector.check(), Json::object();
    if (operation == "pull") return pull(connector, request);
    if (operation == "fetch")
        return Json(Json::object().set("record", of(connector.fetch(request["stream"].text(), request["id"].text()))));
    if (operation == "push") return push(connector, request);
    if (operation == "look_up") return look_up(connector, request);
    throw Failure("bad_config", "this plug-in does not know the operation " + std::string(operation));
}

// T(Host, settings, credentials)
template <class T>
struct Table {
    static void* open(const tributary_host* host, tributary_text request, tributary_answer* answer) {
        T* made = nullptr;
        const Json failed = guarded([&] {
            const auto json = Json::parse({request.data, request.size});
            if (!json) throw Failure("internal", "the request is no JSON");
            made = new T(Host(host), (*json)["settings"], (*json)["credentials"]);
            return Json();
        });
        if (!made) answer_with(answer, failed);
        return made;
    }
    static void call(void* instance, tributary_text operation, tributary_text request, tributary_answer* answer) {
        answer_with(answer, guarded([&] {
                        const auto json = Json::parse({request.data, request.size});
                        if (!json) throw Failure("internal", "the request is no JSON");
                        return run(*static_cast<T*>(instance), {operation.data, operation.size}, *json);
                    }));
    }
    static void release(tributary_answer* answer) {
        delete static_cast<std::string*>(answer->owner);
        *answer = {};
    }
    static void close(void* instance) { delete static_cast<T*>(instance); }
};

}  // namespace detail
}  // namespace tributary::plugin

#define TRIBUTARY_PLUGIN(Type)                                                                                  \
    extern "C" TRIBUTARY_PLUGIN_EXPORT const tributary_plugin* tributary_plugin_entry(std::uint32_t host_abi) { \
        using Table = tributary::plugin::detail::Table<Type>;                                                   \
        static const tributary_plugin table = {TRIBUTARY_PLUGIN_ABI, sizeof(tributary_plugin), Table::open,     \
                                               Table::call,          Table::release,           Table::close};   \
        return host_abi == TRIBUTARY_PLUGIN_ABI ? &table : nullptr;                                             \
    }
