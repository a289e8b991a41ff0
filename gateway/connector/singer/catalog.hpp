// Catalog: what a tap has to offer, as its --discover tells, and the same with one stream selected. Pure.
//
// Source: Singer's discovery mode (metadata with breadcrumbs; `selected`, `replication-method`, `replication-key`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector::singer {

struct Selection {
    std::string stream;       // its tap_stream_id
    std::string replication;  // FULL_TABLE, INCREMENTAL, LOG_BASED; empty: as the catalog says
    std::string replication_key;
};

class Catalog {
  public:
    // bad_input: it is no JSON, or has no `streams` with names.
    static Result<Catalog> parse(std::string_view json);

    std::vector<std::string> streams() const;  // tap_stream_id of each
    // The keys of a stream as the catalog tells: `key_properties`, else `table-key-properties` of its metadata.
    std::vector<std::string> keys(std::string_view stream) const;
    // For --catalog: this stream selected with all its fields, no other one. bad_config: there is no such stream.
    Result<std::string> selecting(const Selection& selection) const;

  private:
    explicit Catalog(value::Document document) : document_(std::move(document)) {}
    value::Node find(std::string_view stream) const;
    value::Document document_;
};

}  // namespace tributary::connector::singer
