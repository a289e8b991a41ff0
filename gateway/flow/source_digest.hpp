// SourceDigests: one digest over what a source sent and over all that turns it into a record, so that the same digest
// means the same record. It is keyed: what stands in the store tells nothing about the values.
#pragma once

#include <map>
#include <string>

#include "gateway/flow/world.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::flow {

class SourceDigests {
  public:
    // REQUIRES: both outlive it.
    SourceDigests(const World& world, const Connection& connection) : world_(world), connection_(connection) {}
    store::Digest of(const Stream& stream, const connector::SourceRecord& record);

  private:
    const World& world_;
    const Connection& connection_;
    std::map<std::string, std::string, std::less<>> contexts_;  // by stream
};

}  // namespace tributary::flow
