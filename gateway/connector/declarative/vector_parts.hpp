// What judging a vector takes, whatever its kind. For vectors.cpp and vectors_signing.cpp.
#pragma once

#include "gateway/connector/declarative/signature_values.hpp"
#include "gateway/connector/declarative/vectors.hpp"

namespace tributary::connector {

inline Verdict passed(std::string reason) {
    return {{}, Verdict::Kind::passed, std::move(reason)};
}
inline Verdict failed(std::string reason) {
    return {{}, Verdict::Kind::failed, std::move(reason)};
}
inline Verdict unjudged(std::string reason) {
    return {{}, Verdict::Kind::cannot_judge, std::move(reason)};
}

// Fault::bad_input: its body is not in the encoding that it names.
Result<InboundRequest> request_of(value::Node vector);

// Each credential field is the vector's secret, but for those that the vector gives by name.
SecretReader secrets_of(value::Node vector);

struct ClockOf {
    Timestamp now;
    TimeWindow window;
};
ClockOf clock_of(value::Node vector);

// "accepted" or "refused: reason", against what the vector expects.
Verdict compare(const Result<void>& outcome, bool should_verify);

// Settings: what the vector holds under their names; the receiver's id goes by the name that each platform has for it.
value::Document settings_of(value::Node vector);

}  // namespace tributary::connector
