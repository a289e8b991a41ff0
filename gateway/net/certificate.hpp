// What a certificate file says: when it ends, and its key in the form in which a client can insist on it. Both speak of
// the first certificate of a PEM file, the server's own. Fault::bad_config: the file is unreadable or holds none.
#pragma once

#include <filesystem>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::net {

Result<Timestamp> certificate_expiry(const std::filesystem::path& pem);

// "sha256//" and the base64 of the hash over the public key (RFC 7469 2.4).
Result<std::string> key_pin(const std::filesystem::path& pem);

}  // namespace tributary::net
