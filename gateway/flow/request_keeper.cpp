#include "gateway/flow/request_keeper.hpp"

#include "gateway/flow/audit_entry.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {

Result<KeptRequest> kept_request(const store::SubjectRequestRow& row) {
    TRY(const auto body, value::parse_json(row.body));
    TRY(auto request, consent::subject_request_from(body.root()));
    return KeptRequest{std::move(request), row.version, row.progress};
}

Result<KeptRequest> load_request(World& world, const Uid& uid) {
    std::optional<store::SubjectRequestRow> row;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(row, session.subject_requests().get(uid));
        return {};
    }));
    if (!row) return fail(Fault::not_found, "there is no such request", "request " + uid.text());
    return kept_request(*row);
}

Result<void> keep_request(store::Session& session, KeptRequest& kept) {
    const auto& request = kept.request;
    const auto body = consent::to_document(request);
    CHECK_OK(session.subject_requests().put({request.uid, kept.version, std::string(name_of(request.kind)),
                                             std::string(name_of(request.state)), request.received_at, request.due_at,
                                             request.closed_at, value::to_json(body.root()), kept.progress}));
    ++kept.version;
    return {};
}

std::string request_entry(World& world, const KeptRequest& kept, std::string_view act, const std::string& by) {
    const auto& request = kept.request;
    return audit_entry(world.clock, "user", by.empty() ? "operator" : by, "subject." + std::string(act),
                       {{"request", request.uid.text()},
                        {"kind", std::string(name_of(request.kind))},
                        {"state", std::string(name_of(request.state))},
                        {"people", std::to_string(request.customers.size())}});
}

Result<KeptRequest> receive_request(World& world, consent::SubjectRequest request) {
    request.uid = crypto::make_uid(world.clock, world.random);
    request.received_at = world.clock.now();
    request.due_at = consent::request_due(request.regulation, request.received_at);
    KeptRequest kept{std::move(request), 0, ""};
    const auto entry = request_entry(world, kept, "request", kept.request.requested_by);
    CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(keep_request(session, kept));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    return kept;
}

Result<KeptRequest> act_on_request(World& world, const Uid& uid, const consent::RequestAct& act,
                                   std::string_view name) {
    TRY(auto kept, load_request(world, uid));
    auto done = consent::apply(kept.request, act);
    const bool wrong_code = !done && done.error().fault == Fault::unauthorized;
    if (!done && !wrong_code) return pass(std::move(done));
    const auto entry = request_entry(world, kept, wrong_code ? "wrong_code" : name, act.by);
    CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(keep_request(session, kept));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    if (!done) return pass(std::move(done));
    return kept;
}

}  // namespace tributary::flow
