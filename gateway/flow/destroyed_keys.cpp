#include "gateway/flow/destroyed_keys.hpp"

#include <vector>

namespace tributary::flow {
namespace {

constexpr std::size_t kErasuresAtOnce = 1000;

}  // namespace

Result<std::size_t> DestroyedKeys::follow() {
    std::vector<Uid> gone;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        if (!seen_) {
            TRY(seen_, session.erasures().last());
        }
        TRY(const auto fresh, session.erasures().after(*seen_, kErasuresAtOnce));
        for (const auto& one : fresh) {
            seen_ = one.seq;
            if (!one.readmitted) barred_.insert(one.subject);
        }
        if (barred_.empty()) return {};
        const std::vector<Uid> asked(barred_.begin(), barred_.end());
        TRY(const auto kept, session.keys().find(asked));
        for (std::size_t i = 0; i < asked.size(); ++i)
            if (!kept[i]) gone.push_back(asked[i]);
        return {};
    }));
    keys_.forget(gone);
    for (const auto& subject : gone) barred_.erase(subject);
    return gone.size();
}

}  // namespace tributary::flow
