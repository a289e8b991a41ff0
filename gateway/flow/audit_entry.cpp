#include "gateway/flow/audit_entry.hpp"

#include "gateway/base/visible_text.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

template <class Details>
std::string write_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action, const Details& details) {
    value::Builder entry;
    entry.begin_object().key("v").integer(1).key("ts").text(record::timestamp_text(clock.now()));
    entry.key("actor").begin_object().key("type").text(actor_type).key("id").text(visible_text(actor)).end();
    entry.key("action").text(visible_text(action)).key("details").begin_object();
    for (const auto& [name, value] : details) entry.key(name).text(visible_text(value));
    entry.end().end();
    auto document = entry.take();
    return value::to_json(document.root());
}

}  // namespace

std::string audit_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details) {
    return write_entry(clock, actor_type, actor, action, details);
}

std::string audit_entry(const Clock& clock, std::string_view actor_type, std::string_view actor,
                        std::string_view action, const ActDetails& details) {
    return write_entry(clock, actor_type, actor, action, details);
}

std::string audit_entry(const Clock& clock, const access::Caller& caller, std::string_view action,
                        std::initializer_list<std::pair<std::string_view, std::string>> details) {
    return write_entry(clock, caller.actor_type(), caller.actor(), action, details);
}

Result<void> write_entry(store::Store& store, const std::string& entry) {
    return store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    });
}

}  // namespace tributary::flow
