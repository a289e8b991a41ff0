// When a certificate ends.
#pragma once

#include <filesystem>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::net {

// Of the first certificate of a PEM file: the server's own. Fault::bad_config: there is none.
Result<Timestamp> certificate_expiry(const std::filesystem::path& pem);

}  // namespace tributary::net
