#include "gateway/access/approval.hpp"

namespace tributary::access {

std::string_view name_of(ApprovalState state) {
    switch (state) {
        case ApprovalState::pending:
            return "pending";
        case ApprovalState::confirmed:
            return "confirmed";
        case ApprovalState::refused:
            return "refused";
    }
    return "pending";
}

Result<void> check_decision(const Approval& approval, const Caller& caller, Timestamp now) {
    if (!caller.is_user())
        return fail(Fault::refused, "only a user with a session can be the second person", "approval " + approval.id);
    if (caller.actor() == approval.asked_by)
        return fail(Fault::refused, "whoever asked cannot also decide: another person is needed",
                    "approval " + approval.id);
    if (approval.state != ApprovalState::pending)
        return fail(Fault::conflict, "it is " + std::string(name_of(approval.state)) + " already",
                    "approval " + approval.id);
    if (now >= approval.expires)
        return fail(Fault::conflict, "it was not decided within a day: it has to be asked anew",
                    "approval " + approval.id);
    return {};
}

}  // namespace tributary::access
