// The parts of a signed message as bytes: signatures, keys, the signed text, its time. For verify.cpp.
#pragma once

#include <string>
#include <vector>

#include "gateway/connector/declarative/verify.hpp"

namespace tributary::connector {

inline std::unexpected<Error> refuse(std::string_view reason) {
    return fail(Fault::unauthorized, std::string(reason));
}

// Every signature of the request, decoded. signature_missing when there is none, signature_malformed when none of those
// there can be read.
Result<std::vector<std::string>> read_signatures(const SignedMessage& message, SignatureValues& values);

// The text of one template about the request; a value that is not there is `reason`. Faults of the credentials pass.
Result<std::string> read_part(const Template& part, SignatureValues& values, std::string_view reason);

// `key` for each active secret, decoded. Fault::bad_config when one does not decode, or is empty.
Result<std::vector<crypto::SecretBytes>> read_keys(const Template& key, KeyEncoding encoding, std::string_view prefix,
                                                   SignatureValues& values);

// What is signed, with {key} bound by the caller where it is used.
Result<std::string> signed_text(const SignedMessage& message, SignatureValues& values);

// Binds {timestamp}. timestamp_missing when it is not there or no number; nullopt when the scheme has none.
Result<std::optional<Timestamp>> read_time(const std::optional<SignedTime>& time, SignatureValues& values);
Result<void> check_time(const SignedTime& time, Timestamp signed_at, Timestamp now, const TimeWindow& window);

}  // namespace tributary::connector
