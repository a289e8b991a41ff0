#include "gateway/connector/declarative/hook.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/nested.hpp"
#include "gateway/value/form.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/multipart.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connector {
namespace {

// JSON, XML, a form or a multipart form, told apart by how it begins: platforms do not always name their media type.
Result<value::Document> read_body(const std::string& body) {
    if (value::looks_multipart(body)) return value::parse_multipart(body);
    const auto text = trim(body);
    if (text.starts_with('<')) return value::parse_xml(text);
    if (text.starts_with('{') || text.starts_with('[')) return value::parse_json(text);
    if (text.contains('=') && !text.starts_with('"')) return value::parse_form(text);
    return value::parse_json(text);
}

Result<std::string> key_of(const KeyRule& key, value::Node record) {
    Scope scope;
    scope.bind("record", record);
    auto text = key.text.render_required(scope);
    if (text && text->empty()) return fail(Fault::bad_input, fmt::format("the event's key '{}' is empty", key.written));
    return text;
}

}  // namespace

KeyFinder DeclarativeHook::key_finder(Timestamp now) const {
    if (!keyring_) return {};
    return [this, now](const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm) {
        return keyring_->find(place, id, algorithm, now);
    };
}

std::optional<Result<InboundAnswer>> DeclarativeHook::challenge(const InboundRequest& request, Timestamp now) const {
    SignatureValues values(request, credential_);
    values.scope().bind("settings", settings_);
    values.find_keys_with(key_finder(now));
    if (rules_.encrypted) values.open_with([&] { return rules_.encrypted->open(values); });
    return answer_challenge(rules_.challenges, *rules_.verify, values, now);
}

Result<void> DeclarativeHook::verify(const InboundRequest& request, Timestamp now) const {
    SignatureValues values(request, credential_);
    values.scope().bind("settings", settings_);
    values.find_keys_with(key_finder(now));
    return rules_.verify->verify(values, now);
}

Result<InboundRequest> DeclarativeHook::open(InboundRequest request) const {
    if (!rules_.encrypted) return request;
    std::optional<std::string> plain;
    {
        SignatureValues values(request, credential_);
        values.scope().bind("settings", settings_);
        TRY(plain, rules_.encrypted->open(values));
    }
    if (plain) request.body = *std::move(plain);
    return request;
}

Result<InboundAnswer> DeclarativeHook::accepted(Timestamp now) const {
    auto answer = static_cast<const InboundAnswer&>(rules_.accepted);
    if (!rules_.accepted.encrypted) return answer;
    const InboundRequest none;
    SignatureValues values(none, credential_);
    values.scope().bind("settings", settings_);
    const auto nonce = to_hex(crypto::random_bytes(8, random_));
    const auto timestamp = std::to_string(now.time_since_epoch().count());
    TRY(answer.body, rules_.accepted.encrypted->seal(*rules_.encrypted, values, crypto::random_bytes(16, random_),
                                                     timestamp, nonce));
    answer.content_type = "application/json";
    return answer;
}

Result<std::string> DeclarativeHook::delivery_id(const InboundRequest& request) const {
    SignatureValues values(request, credential_);
    values.scope().bind("settings", settings_);
    auto id = rules_.delivery_id.render_required(values.scope());
    if (!id) return pass(std::move(id), "delivery_id");
    return id;
}

Result<std::string> DeclarativeHook::topic(const InboundRequest& request) const {
    SignatureValues values(request, credential_);
    values.scope().bind("settings", settings_);
    auto topic = rules_.topic.render_required(values.scope());
    if (!topic) return pass(std::move(topic), "topic");
    return topic;
}

Result<std::vector<TopicRule>> DeclarativeHook::rules_for(const std::string& topic) const {
    if (rules_.topics.empty()) return std::vector{TopicRule{.stream = topic}};
    std::vector<std::string> known;
    for (const auto& [name, rules] : rules_.topics) {
        if (name == topic || name == "*") return rules;
        known.push_back(name);
    }
    const auto near = nearest(topic, known);
    return fail(Fault::bad_input, fmt::format("unknown topic; {}known are {}",
                                              near ? "the nearest is '" + *near + "', " : "", join(known, ", ")));
}

Result<void> DeclarativeHook::add_event(const TopicRule& rule, const std::string& topic, value::Node record,
                                        std::vector<InboundEvent>& out) const {
    if (!std::ranges::all_of(rule.where, [&](const ValueTest& test) { return test.holds(record); })) return {};
    if (rule.news) {
        out.push_back({.topic = topic, .stream = rule.stream, .record = {}, .news = true});
        return {};
    }
    const auto* stream = definition_.stream(rule.stream);
    const KeyRule* key = rule.key ? &*rule.key : stream ? &stream->key : nullptr;
    InboundEvent event{.topic = topic, .stream = rule.stream, .thin = rule.thin};
    if (key) {
        TRY(event.record.external_id, key_of(*key, record));
    } else {
        event.record.external_id = find_in(record, "id").scalar_text();
        if (event.record.external_id.empty()) event.record.external_id = find_in(record, "data.id").scalar_text();
        if (event.record.external_id.empty())
            return fail(Fault::bad_input, "the event has neither 'id' nor 'data.id', and its topic names no key");
    }
    event.record.json = value::to_json(record);
    event.record.deleted = rule.deleted;
    out.push_back(std::move(event));
    return {};
}

Result<void> DeclarativeHook::add_events(const std::string& topic, value::Node body,
                                         std::vector<InboundEvent>& out) const {
    TRY(const auto rules, rules_for(topic));
    for (const auto& rule : rules) {
        if (rule.ignore) continue;
        if (is_nested(rule.records)) {
            for (const auto& element : elements_at(body, rule.records))
                CHECK_OK(add_event(rule, topic, element.root(), out));
            continue;
        }
        const auto found = find_in(body, rule.records);
        if (!found) return fail(Fault::bad_input, fmt::format("the body has no '{}'", rule.records), "topic " + topic);
        if (!found.is(value::Kind::array)) {
            CHECK_OK(add_event(rule, topic, found, out));
            continue;
        }
        for (const auto record : found) CHECK_OK(add_event(rule, topic, record, out));
    }
    return {};
}

Result<std::vector<InboundEvent>> DeclarativeHook::decode(const std::string& topic, const std::string& body) const {
    TRY(const auto document, read_body(body));
    std::vector<InboundEvent> out;
    if (!rules_.split) {
        CHECK_OK(add_events(topic, document.root(), out));
        return out;
    }
    if (is_nested(rules_.split->records)) {
        for (const auto& event : elements_at(document.root(), rules_.split->records))
            CHECK_OK(add_events(find_in(event.root(), rules_.split->topic).scalar_text(), event.root(), out));
        return out;
    }
    const auto list = find_in(document.root(), rules_.split->records);
    if (!list) return fail(Fault::bad_input, fmt::format("the body has no '{}'", rules_.split->records));
    if (!list.is(value::Kind::array)) {
        CHECK_OK(add_events(find_in(list, rules_.split->topic).scalar_text(), list, out));
        return out;
    }
    for (const auto event : list) CHECK_OK(add_events(find_in(event, rules_.split->topic).scalar_text(), event, out));
    return out;
}

}  // namespace tributary::connector
