// SubjectRequest: what a person asks of their data, from its receipt to its end, as a state machine without I/O.
//
//   received -> identity_pending -> verified -> scoped -> approved -> running -> partially_done -> completed
//                                                    \-> rejected (with the reason), expired (never proven in time)
//
// Nothing runs for somebody who did not prove who they are, whoever approves it. It holds no personal value: people are
// pseudonyms, a code is its keyed hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::consent {

enum class RequestKind : std::uint8_t { access, portability, rectification, erasure, restriction, objection, withdraw };
enum class RequestState : std::uint8_t {
    received,
    identity_pending,  // a code is on its way to a contact point that was known before
    verified,
    scoped,  // it is known which records and destinations it is about
    approved,
    running,
    partially_done,  // something is left: a destination that has not answered, a record under hold
    completed,
    rejected,
    expired,
};
enum class Regulation : std::uint8_t { gdpr, pipl };

std::string_view name_of(RequestKind kind);
std::string_view name_of(RequestState state);
std::string_view name_of(Regulation regulation);
std::optional<RequestKind> request_kind_named(std::string_view name);
std::optional<RequestState> request_state_named(std::string_view name);
std::optional<Regulation> regulation_named(std::string_view name);

// GDPR 12(3): one month, the same day of the next one or its last. PIPL 50 says "timely": 15 working days, Monday to
// Friday; holidays are not known here.
Timestamp request_due(Regulation regulation, Timestamp received_at);

// A code is dead after this many wrong ones, or this long.
constexpr int kCodeTries = 5;
constexpr Milliseconds kCodeLife = std::chrono::minutes(10);

struct SubjectRequest {
    Uid uid;
    RequestKind kind = RequestKind::access;
    RequestState state = RequestState::received;
    Regulation regulation = Regulation::gdpr;
    std::vector<Uid> customers;  // more than one: a mass request
    Timestamp received_at{}, due_at{};
    std::string requested_by;  // the operator who took it in
    std::string verified_by, verified_how, verified_note;
    std::string approved_by;
    std::string reason;  // of its rejection
    std::optional<Timestamp> verified_at, approved_at, closed_at;
    std::string code_hash;  // keyed, in hex; empty: none is out
    std::optional<Timestamp> code_until;
    int code_tries = 0;

    bool closed() const {
        return state == RequestState::completed || state == RequestState::rejected || state == RequestState::expired;
    }
    bool verified() const { return !verified_by.empty(); }
    bool overdue(Timestamp now) const { return !closed() && due_at < now; }
    friend bool operator==(const SubjectRequest&, const SubjectRequest&) = default;
};

struct RequestAct {
    enum class Type : std::uint8_t {
        challenge,  // a code went out: `text` is its hash
        prove,      // `text` is the hash of what came back
        attest,     // an operator saw who it is: `text` says how
        scope,
        approve,
        run,
        finish,
        finish_partly,
        reject,  // `text` is the reason
        expire,
    };
    Type type = Type::scope;
    std::string by;
    std::string text;
    Timestamp at{};
    std::size_t four_eyes_above = 1;  // people; an erasure of more is approved by somebody else than who asked for it
};
std::optional<RequestAct::Type> request_act_named(std::string_view name);

// refused: the act does not fit the state, or these four eyes; unauthorized: a wrong or dead code, which is counted, so
// the request has to be kept then too. Otherwise the request is unchanged on error.
Result<void> apply(SubjectRequest& request, const RequestAct& act);

value::Document to_document(const SubjectRequest& request);
Result<SubjectRequest> subject_request_from(value::Node node);

}  // namespace tributary::consent
