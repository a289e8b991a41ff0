#include "gateway/flow/approval_desk.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/note_places.hpp"
#include "gateway/flow/sealed_note.hpp"
#include "gateway/vault/blind_index.hpp"

namespace tributary::flow {
namespace {}  // namespace

Result<access::Approval> ApprovalDesk::ask(const access::Caller& by, std::string_view operation,
                                           std::string_view arguments) {
    const auto now = clock_.now();
    access::Approval one;
    one.id = crypto::make_uid(clock_, random_).text();
    one.operation = operation;
    one.arguments = seal_note(ring_, random_, approval_place(one.id), arguments);
    // Keyed: what is asked may be as short as a person's address, and the trail is read by many.
    one.digest = to_hex(vault::BlindIndex(ring_).of("approval", one.id + " " + std::string(arguments)).view());
    one.asked_by = by.actor();
    one.asked_type = by.actor_type();
    one.asked = now;
    one.expires = now + access::kApprovalLasts;
    const auto entry = audit_entry(clock_, by, "approval.ask",
                                   {{"approval", one.id}, {"operation", one.operation}, {"digest", one.digest}});
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.approvals().put(one));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    return one;
}

Result<access::Approval> ApprovalDesk::decide(const access::Caller& by, const std::string& id,
                                              access::ApprovalState state) {
    std::optional<access::Approval> one;
    const auto now = clock_.now();
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(one, session.approvals().find(id));
        if (!one) return fail(Fault::not_found, "there is no such approval", "approval " + id);
        CHECK_OK(access::check_decision(*one, by, now));
        one->state = state;
        one->decided_by = by.actor();
        one->decided = now;
        CHECK_OK(session.approvals().put(*one));
        const auto entry = audit_entry(
            clock_, by, state == access::ApprovalState::confirmed ? "approval.confirm" : "approval.refuse",
            {{"approval", id}, {"operation", one->operation}, {"asked_by", one->asked_by}, {"digest", one->digest}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    return *one;
}

Result<ConfirmedAct> ApprovalDesk::confirm(const access::Caller& by, const std::string& id) {
    TRY(auto one, decide(by, id, access::ApprovalState::confirmed));
    TRY(auto arguments, open_note(ring_, approval_place(id), one.arguments));
    return ConfirmedAct{std::move(one), std::move(arguments)};
}

Result<ConfirmedAct> ApprovalDesk::show(const access::Caller& by, const std::string& id) {
    std::optional<access::Approval> one;
    const auto entry = audit_entry(clock_, by, "approval.show", {{"approval", id}});
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(one, session.approvals().find(id));
        if (!one) return fail(Fault::not_found, "there is no such approval", "approval " + id);
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    TRY(auto arguments, open_note(ring_, approval_place(id), one->arguments));
    return ConfirmedAct{std::move(*one), std::move(arguments)};
}

Result<void> ApprovalDesk::refuse(const access::Caller& by, const std::string& id) {
    CHECK_OK(decide(by, id, access::ApprovalState::refused));
    return {};
}

Result<std::vector<access::Approval>> ApprovalDesk::list(std::string_view after, std::size_t limit) {
    std::vector<access::Approval> all;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(all, session.approvals().list(after, limit));
        return {};
    }));
    return all;
}

}  // namespace tributary::flow
