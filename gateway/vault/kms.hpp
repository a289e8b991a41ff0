// Kms: a key service outside this process that wraps and unwraps the root key of a key ring, so that no master key lies
// on this machine. Calls block until the service has answered, and fail when it does not: there is no other way in.
#pragma once

#include <string>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::vault {

struct WrappedRoot {
    std::string key_id;  // which key of the service wrapped it; the service never reuses an id
    std::string bytes;   // in the service's own form
};

class Kms {
  public:
    virtual ~Kms() = default;
    // The id of the key that wraps now.
    virtual Result<std::string> status() = 0;
    virtual Result<WrappedRoot> wrap(const crypto::SecretBytes& key) = 0;
    virtual Result<crypto::SecretBytes> unwrap(const WrappedRoot& wrapped) = 0;
};

}  // namespace tributary::vault
