#include "gateway/flow/request_sweep.hpp"

#include <algorithm>

namespace tributary::flow {
namespace {

using consent::RequestAct;
using consent::RequestState;

constexpr std::size_t kRequestPage = 100;
constexpr const char* kSweeper = "gateway";

bool was_never_proven(const consent::SubjectRequest& request) {
    return request.state == RequestState::received || request.state == RequestState::identity_pending;
}

// Whether somebody whom it waits for is under no hold any more.
Result<bool> may_go_on(World& world, const KeptRequest& kept) {
    if (kept.request.state != RequestState::partially_done) return false;
    TRY(const auto progress, ErasureProgress::parse(kept.progress));
    for (const auto& customer : progress.held) {
        auto basis = hold_of(world, customer);
        if (!basis && basis.error().fault == Fault::not_found) return true;  // gone by another request
        if (!basis) return pass(std::move(basis));
        if (!*basis) return true;
    }
    return false;
}

}  // namespace

Result<RequestSweep> sweep_requests(World& world, const ErasureTools& tools) {
    RequestSweep out;
    for (Uid after;;) {
        std::vector<store::SubjectRequestRow> rows;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(rows, session.subject_requests().list(true, after, kRequestPage));
            return {};
        }));
        for (const auto& row : rows) {
            after = row.uid;
            TRY(const auto kept, kept_request(row));
            const auto now = world.clock.now();
            if (was_never_proven(kept.request) && kept.request.overdue(now)) {
                auto done = act_on_request(world, row.uid,
                                           {.type = RequestAct::Type::expire, .by = kSweeper, .at = now}, "expire");
                ++(done ? out.expired : out.failed);
                if (!done) world.log.error("a request does not expire", done.error());
                continue;
            }
            TRY(const bool goes_on, may_go_on(world, kept));
            if (!goes_on) continue;
            auto done = run_erasure(world, tools, row.uid, kSweeper);
            ++(done ? out.resumed : out.failed);
            if (!done) world.log.error("an erasure does not go on after its hold", done.error());
        }
        if (rows.size() < kRequestPage) return out;
    }
}

}  // namespace tributary::flow
