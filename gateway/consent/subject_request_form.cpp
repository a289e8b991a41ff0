// SubjectRequest as JSON, and the names of its parts.
#include <array>
#include <span>

#include "gateway/consent/subject_request.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::consent {
namespace {

constexpr std::array<std::string_view, 7> kRequestKinds{"access",      "portability", "rectification", "erasure",
                                                        "restriction", "objection",   "withdraw"};
constexpr std::array<std::string_view, 10> kRequestStates{"received", "identity_pending", "verified",       "scoped",
                                                          "approved", "running",          "partially_done", "completed",
                                                          "rejected", "expired"};
constexpr std::array<std::string_view, 2> kRegulations{"gdpr", "pipl"};
constexpr std::array<std::string_view, 10> kRequestActs{"challenge", "prove",  "attest",        "scope",  "approve",
                                                        "run",       "finish", "finish_partly", "reject", "expire"};

template <class E>
std::optional<E> request_part(std::span<const std::string_view> names, std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<E>(i);
    return std::nullopt;
}

std::unexpected<Error> broken(std::string_view what) {
    return fail(Fault::internal, "a stored request cannot be read: " + std::string(what));
}

}  // namespace

std::string_view name_of(RequestKind kind) {
    return kRequestKinds[static_cast<std::size_t>(kind)];
}
std::string_view name_of(RequestState state) {
    return kRequestStates[static_cast<std::size_t>(state)];
}
std::string_view name_of(Regulation regulation) {
    return kRegulations[static_cast<std::size_t>(regulation)];
}
std::optional<RequestKind> request_kind_named(std::string_view name) {
    return request_part<RequestKind>(kRequestKinds, name);
}
std::optional<RequestState> request_state_named(std::string_view name) {
    return request_part<RequestState>(kRequestStates, name);
}
std::optional<Regulation> regulation_named(std::string_view name) {
    return request_part<Regulation>(kRegulations, name);
}
std::optional<RequestAct::Type> request_act_named(std::string_view name) {
    return request_part<RequestAct::Type>(kRequestActs, name);
}

value::Document to_document(const SubjectRequest& request) {
    value::Builder out;
    const auto text = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) out.key(name).text(value);
    };
    const auto time = [&](std::string_view name, const std::optional<Timestamp>& at) {
        if (at) out.key(name).text(record::timestamp_text(*at));
    };
    out.begin_object().key("request").text(request.uid.text());
    out.key("kind").text(name_of(request.kind)).key("state").text(name_of(request.state));
    out.key("regulation").text(name_of(request.regulation));
    out.key("customers").begin_array();
    for (const auto& customer : request.customers) out.text(customer.text());
    out.end();
    time("received_at", request.received_at);
    time("due_at", request.due_at);
    text("requested_by", request.requested_by);
    text("verified_by", request.verified_by);
    text("verified_how", request.verified_how);
    text("verified_note", request.verified_note);
    time("verified_at", request.verified_at);
    text("approved_by", request.approved_by);
    time("approved_at", request.approved_at);
    text("reason", request.reason);
    time("closed_at", request.closed_at);
    text("code_hash", request.code_hash);
    time("code_until", request.code_until);
    if (request.code_tries > 0) out.key("code_tries").integer(request.code_tries);
    return out.end().take();
}

Result<SubjectRequest> subject_request_from(value::Node node) {
    SubjectRequest request;
    const auto uid = Uid::parse(node.find("request").text());
    const auto kind = request_kind_named(node.find("kind").text());
    const auto state = request_state_named(node.find("state").text());
    const auto regulation = regulation_named(node.find("regulation").text());
    if (!uid || !kind || !state || !regulation) return broken("request, kind, state or regulation");
    request.uid = *uid;
    request.kind = *kind;
    request.state = *state;
    request.regulation = *regulation;
    for (auto one : node.find("customers")) {
        const auto customer = Uid::parse(one.text());
        if (!customer) return broken("customers");
        request.customers.push_back(*customer);
    }
    const auto time = [&](std::string_view name) { return record::parse_timestamp(node.find(name).text()); };
    const auto text = [&](std::string_view name) { return std::string(node.find(name).text()); };
    const auto received = time("received_at"), due = time("due_at");
    if (!received || !due) return broken("received_at or due_at");
    request.received_at = *received;
    request.due_at = *due;
    request.requested_by = text("requested_by");
    request.verified_by = text("verified_by");
    request.verified_how = text("verified_how");
    request.verified_note = text("verified_note");
    request.verified_at = time("verified_at");
    request.approved_by = text("approved_by");
    request.approved_at = time("approved_at");
    request.reason = text("reason");
    request.closed_at = time("closed_at");
    request.code_hash = text("code_hash");
    request.code_until = time("code_until");
    request.code_tries = static_cast<int>(node.find("code_tries").integer());
    return request;
}

}  // namespace tributary::consent
