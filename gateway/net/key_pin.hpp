// The key of a certificate, in the form in which a client can insist on it.
#pragma once

#include <string>

#include "gateway/base/result.hpp"

namespace tributary::net {

// "sha256//" and the base64 of the hash over the public key of the first certificate in a PEM file (RFC 7469 2.4).
// Fault::bad_config when the file is unreadable or holds none.
Result<std::string> key_pin(const std::string& certificate_file);

}  // namespace tributary::net
