// What an S3-compatible store answers (docs.aws.amazon.com/AmazonS3/latest/API): lists and errors in XML. Pure.
#pragma once

#include <string>
#include <vector>

#include "connectors/data/file/location.hpp"
#include "gateway/net/http.hpp"

namespace tributary::connectors::file {

struct S3List {
    struct Object {
        std::string key;
        FileStat stat;
    };
    std::vector<Object> objects;
    std::string next;  // the continuation token; empty: this was all
};
// Of ListObjectsV2 with encoding-type=url. transient: no such list.
Result<S3List> read_s3_list(std::string_view xml);

// An answer that is no success: its Code in the operator's words. `about`: bucket and key.
Error s3_error(const net::HttpResponse& answer, Timestamp now, std::string about);

}  // namespace tributary::connectors::file
