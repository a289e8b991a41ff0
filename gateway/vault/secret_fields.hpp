// The fields of one secret as the bytes that are sealed: name and value in turn, each with its length. It is built in
// locked memory, so no plain copy of a value is left behind.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::vault {

using SecretFields = std::map<std::string, crypto::SecretBytes, std::less<>>;

crypto::SecretBytes write_fields(const SecretFields& fields);
// Fault::internal when the bytes are not what write_fields() makes.
Result<SecretFields> read_fields(std::string_view bytes);

}  // namespace tributary::vault
