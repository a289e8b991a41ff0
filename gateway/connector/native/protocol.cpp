#include "gateway/connector/native/protocol.hpp"

#include <fmt/format.h>

#include <array>

#include "gateway/value/json.hpp"

namespace tributary::connector::native {

using value::Builder;
using value::Kind;
using value::Node;

namespace {

constexpr std::size_t kLargestBatch = 10000;

std::unexpected<Error> unreadable(std::string what) {
    return fail(Fault::internal, "the plug-in's answer is not as its interface says: " + std::move(what));
}

std::optional<Fault> fault_named(std::string_view name) {
    static constexpr std::array kAll = {Fault::bad_input,    Fault::bad_config, Fault::unauthorized,
                                        Fault::rate_limited, Fault::transient,  Fault::conflict,
                                        Fault::refused,      Fault::not_found,  Fault::internal};
    for (const auto fault : kAll)
        if (name_of(fault) == name) return fault;
    return std::nullopt;
}

Failure failure_of(Node error) {
    Failure out;
    const auto fault = fault_named(error.find("fault").text());
    out.error = {fault.value_or(Fault::internal), std::string(error.find("what").text()), {}};
    if (!fault) out.error.what = "the plug-in names a fault that does not exist: " + out.error.what;
    if (out.error.what.empty()) out.error.what = "the plug-in failed without saying why";
    if (const auto wait = error.find("retry_after_ms"); wait.is(Kind::integer) && wait.integer() > 0)
        out.error.retry_after = Milliseconds(wait.integer());
    out.ambiguous = error.find("ambiguous").boolean();
    return out;
}

void write_item(Builder& out, const Push& item) {
    out.begin_object().key("idempotency_key").text(item.idempotency_key).key("record").copy(item.record.root());
    if (item.remote_id) out.key("remote_id").text(*item.remote_id);
    if (item.deleted) out.key("deleted").boolean(true);
    out.end();
}

std::string text_of(Builder& out) {
    return value::to_json(out.take().root());
}

}  // namespace

std::string open_request(std::string_view connection, Node settings,
                         const std::vector<std::pair<std::string, std::string>>& credentials) {
    Builder out;
    out.begin_object().key("connection").text(connection).key("settings").copy(settings);
    out.key("credentials").begin_object();
    for (const auto& [name, value] : credentials) out.key(name).text(value);
    out.end().end();
    return text_of(out);
}

std::string pull_request(std::string_view stream, const Cursor& cursor) {
    Builder out;
    out.begin_object().key("stream").text(stream).key("cursor").text(cursor.json).end();
    return text_of(out);
}

std::string fetch_request(std::string_view stream, std::string_view id) {
    Builder out;
    out.begin_object().key("stream").text(stream).key("id").text(id).end();
    return text_of(out);
}

std::string push_request(std::string_view action, const std::vector<Push>& items) {
    Builder out;
    out.begin_object().key("action").text(action).key("items").begin_array();
    for (const auto& item : items) write_item(out, item);
    out.end().end();
    return text_of(out);
}

std::string look_up_request(std::string_view action, const Push& item) {
    Builder out;
    out.begin_object().key("action").text(action).key("item");
    write_item(out, item);
    out.end();
    return text_of(out);
}

Answer<value::Document> read_answer(std::string_view json) {
    auto parsed = value::parse_json(json);
    if (!parsed) return std::unexpected(Failure{unreadable(parsed.error().what).error()});
    const auto root = parsed->root();
    if (!root.is(Kind::object)) return std::unexpected(Failure{unreadable("it is no object").error()});
    if (const auto error = root.find("error"); !error.is(Kind::missing)) return std::unexpected(failure_of(error));
    return *std::move(parsed);
}

Result<Abilities> abilities_of(Node answer) {
    Abilities out;
    for (const auto stream : answer.find("streams")) out.streams.push_back(stream.scalar_text());
    for (const auto action : answer.find("actions")) {
        const auto name = action.find("name").scalar_text();
        const auto idempotency = action.find("idempotency").text();
        const auto batch = action.find("batch");
        Abilities::Action one;
        if (name.empty()) return unreadable("an action has no name");
        if (idempotency == "natural_key")
            one.idempotency = Idempotency::natural_key;
        else if (idempotency == "idempotency_key")
            one.idempotency = Idempotency::idempotency_key;
        else if (!idempotency.empty() && idempotency != "none")
            return unreadable("idempotency is natural_key, idempotency_key or none");
        if (batch && (batch.integer() < 1 || batch.integer() > static_cast<std::int64_t>(kLargestBatch)))
            return unreadable(fmt::format("batch is a number from 1 to {}", kLargestBatch));
        if (batch) one.batch = static_cast<std::size_t>(batch.integer());
        out.actions.emplace(name, one);
    }
    return out;
}

Result<SourceRecord> record_of(Node record) {
    SourceRecord out{.external_id = record.find("id").scalar_text(),
                     .json = std::string(record.find("json").text()),
                     .deleted = record.find("deleted").boolean()};
    if (out.external_id.empty()) return unreadable("a record has no id");
    if (auto parsed = value::parse_json(out.json); !parsed || !parsed->root().is(Kind::object))
        return fail(Fault::bad_input, "the plug-in's record is no JSON object");
    return out;
}

Result<Page> page_of(Node answer) {
    Page out;
    if (!answer.find("records").is(Kind::array) || !answer.find("cursor").is(Kind::text))
        return unreadable("a page needs records and a cursor");
    for (const auto each : answer.find("records")) {
        auto record = record_of(each);
        if (record)
            out.records.push_back(*std::move(record));
        else if (record.error().fault == Fault::bad_input)
            out.broken.push_back({"record " + each.find("id").scalar_text(), std::string(each.find("json").text()),
                                  std::move(record).error()});
        else
            return pass(std::move(record));
    }
    out.cursor.json = answer.find("cursor").text();
    out.last = answer.find("last").boolean();
    if (const auto total = answer.find("total"); total.is(Kind::integer) && total.integer() >= 0)
        out.total = static_cast<std::uint64_t>(total.integer());
    return out;
}

Result<Receipt> receipt_of(Node receipt) {
    if (!receipt.is(Kind::object)) return unreadable("a receipt is an object");
    Receipt out{.already_applied = receipt.find("already_applied").boolean()};
    if (const auto id = receipt.find("remote_id")) out.remote_id = id.scalar_text();
    return out;
}

Result<std::vector<Sink::Outcome>> outcomes_of(Node answer, std::size_t count) {
    const auto outcomes = answer.find("outcomes");
    if (!outcomes.is(Kind::array) || outcomes.size() != count)
        return unreadable(fmt::format("it has {} outcomes for {} items", outcomes.size(), count));
    std::vector<Sink::Outcome> out;
    for (const auto each : outcomes) {
        if (const auto error = each.find("error"); !error.is(Kind::missing)) {
            auto failure = failure_of(error);
            out.push_back({fail(std::move(failure.error)), failure.ambiguous});
            continue;
        }
        out.push_back({receipt_of(each)});
    }
    return out;
}

}  // namespace tributary::connector::native
