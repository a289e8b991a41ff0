#include "gateway/consent/subject_request.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "gateway/crypto/equal.hpp"

namespace tributary::consent {
namespace {

using Type = RequestAct::Type;

struct RequestStep {
    Type act;
    std::vector<RequestState> from;
    RequestState to;
};

const std::vector<RequestStep>& steps() {
    using enum RequestState;
    static const std::vector<RequestStep> all{
        {Type::challenge, {received, identity_pending}, identity_pending},
        {Type::prove, {identity_pending}, verified},
        {Type::attest, {received, identity_pending}, verified},
        {Type::scope, {verified, scoped}, scoped},
        {Type::approve, {scoped}, approved},
        // A run that a crash cut off is begun again.
        {Type::run, {approved, running, partially_done}, running},
        {Type::finish, {running, partially_done}, completed},
        {Type::finish_partly, {running, partially_done}, partially_done},
        {Type::reject, {received, identity_pending, verified, scoped, approved}, rejected},
        {Type::expire, {received, identity_pending}, expired},
    };
    return all;
}

std::string_view noun_of(Type type) {
    constexpr std::array names{"a challenge", "a code",  "an attestation",  "its scope",   "an approval",
                               "a run",       "its end", "its end in part", "a rejection", "expiry"};
    return names[static_cast<std::size_t>(type)];
}

std::unexpected<Error> misfit(const SubjectRequest& request, Type act) {
    std::string when;
    for (const auto& step : steps())
        if (step.act == act)
            for (auto state : step.from) when += (when.empty() ? "" : " or ") + std::string(name_of(state));
    return fail(
        Fault::refused,
        "is " + std::string(name_of(request.state)) + ": " + std::string(noun_of(act)) + " comes while it is " + when,
        "request " + request.uid.text());
}

void drop_code(SubjectRequest& request) {
    request.code_hash.clear();
    request.code_until.reset();
    request.code_tries = 0;
}

Result<void> prove(SubjectRequest& request, const RequestAct& act) {
    const auto place = "request " + request.uid.text();
    if (request.code_hash.empty()) return fail(Fault::unauthorized, "no code is out: send a new one", place);
    if (!request.code_until || *request.code_until < act.at) {
        drop_code(request);
        return fail(Fault::unauthorized, "the code is too old: send a new one", place);
    }
    if (!crypto::equal(request.code_hash, act.text)) {
        const bool dead = ++request.code_tries >= kCodeTries;
        if (dead) drop_code(request);
        return fail(Fault::unauthorized, dead ? "wrong code, and that was the last try: send a new one" : "wrong code",
                    place);
    }
    drop_code(request);
    return {};
}

Result<void> verify(SubjectRequest& request, const RequestAct& act, std::string_view how) {
    if (act.by.empty()) return fail(Fault::bad_input, "who verified it is not said", "request " + request.uid.text());
    request.verified_by = act.by;
    request.verified_how = how;
    request.verified_at = act.at;
    return {};
}

Result<void> approve(SubjectRequest& request, const RequestAct& act) {
    const auto place = "request " + request.uid.text();
    if (act.by.empty()) return fail(Fault::bad_input, "who approves it is not said", place);
    if (request.kind == RequestKind::erasure && request.customers.size() > act.four_eyes_above &&
        act.by == request.requested_by)
        return fail(Fault::refused,
                    "an erasure of " + std::to_string(request.customers.size()) +
                        " people is approved by somebody else than " + request.requested_by,
                    place);
    request.approved_by = act.by;
    request.approved_at = act.at;
    return {};
}

// What the act asks for beside the state.
Result<void> perform(SubjectRequest& request, const RequestAct& act) {
    const auto place = "request " + request.uid.text();
    switch (act.type) {
        case Type::challenge:
            request.code_hash = act.text;
            request.code_until = act.at + kCodeLife;
            request.code_tries = 0;
            return {};
        case Type::prove:
            CHECK_OK(prove(request, act));
            return verify(request, act, "code");
        case Type::attest:
            if (act.text.empty()) return fail(Fault::bad_input, "how it was verified is not said", place);
            CHECK_OK(verify(request, act, "attestation"));
            request.verified_note = act.text;
            drop_code(request);
            return {};
        case Type::approve:
            return approve(request, act);
        case Type::reject:
            if (act.text.empty()) return fail(Fault::bad_input, "a rejection needs its reason", place);
            request.reason = act.text;
            return {};
        case Type::expire:
            if (!request.overdue(act.at)) return fail(Fault::refused, "is not overdue", place);
            return {};
        case Type::run:
            // The states say so already; whatever changes them must not open this.
            if (!request.verified()) return fail(Fault::refused, "nobody verified who asks", place);
            return {};
        case Type::scope:
        case Type::finish:
        case Type::finish_partly:
            return {};
    }
    return {};
}

std::chrono::sys_days day_of(Timestamp at) {
    return std::chrono::floor<std::chrono::days>(at);
}

}  // namespace

Result<void> apply(SubjectRequest& request, const RequestAct& act) {
    const auto step = std::ranges::find_if(steps(), [&](const RequestStep& one) { return one.act == act.type; });
    if (step == steps().end() || std::ranges::find(step->from, request.state) == step->from.end())
        return misfit(request, act.type);
    CHECK_OK(perform(request, act));
    request.state = step->to;
    if (request.closed()) request.closed_at = act.at;
    return {};
}

Timestamp request_due(Regulation regulation, Timestamp received_at) {
    using namespace std::chrono;
    const auto day = day_of(received_at);
    const auto in_day = received_at - Timestamp{day};
    if (regulation == Regulation::gdpr) {
        const year_month_day date{day};
        const auto next = date.year() / date.month() + months{1};
        const year_month_day same{next.year(), next.month(), date.day()};
        const auto due = same.ok() ? sys_days{same} : sys_days{next / last};
        return Timestamp{due} + in_day;
    }
    auto due = day;
    for (int left = 15; left > 0;) {
        due += days{1};
        const weekday on{due};
        if (on != Saturday && on != Sunday) --left;
    }
    return Timestamp{due} + in_day;
}

}  // namespace tributary::consent
