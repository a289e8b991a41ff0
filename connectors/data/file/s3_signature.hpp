// Signature Version 4 of AWS, as S3 takes it: in the Authorization header, with the body's hash in it.
// docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/net/http.hpp"

namespace tributary::connectors::file {

struct S3Keys {
    std::string_view access_key, secret_key, session_token, region;
};

// Adds x-amz-date, x-amz-content-sha256, x-amz-security-token when there is one, and Authorization. `host` is what the
// Host header will be; the request's other headers are signed too. REQUIRES: `request.url` is absolute, its path and
// query percent-encoded as value::percent_encode does.
void sign_s3(net::HttpRequest& request, std::string_view host, const S3Keys& keys, Timestamp now);

}  // namespace tributary::connectors::file
