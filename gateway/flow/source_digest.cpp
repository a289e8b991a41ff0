#include "gateway/flow/source_digest.hpp"

#include "gateway/crypto/aead.hpp"

namespace tributary::flow {
namespace {

// The mapping, and the streams of all connections, which give references their ids.
std::string context_of(const World& world, const Connection& connection, const Stream& stream) {
    crypto::Place context{connection.name, stream.plan->name(), stream.plan->version()};
    for (const auto& [name, other] : world.connections)
        for (const auto& [key, one] : other.streams) context.add(name).add(key).add(one.plan->to());
    return crypto::sha256(context.bytes()).text();
}

}  // namespace

store::Digest SourceDigests::of(const Stream& stream, const connector::SourceRecord& record) {
    auto found = contexts_.find(stream.name);
    if (found == contexts_.end()) found = contexts_.emplace(stream.name, context_of(world_, connection_, stream)).first;
    return world_.blind.of(record.deleted ? "deleted source" : "source",
                           crypto::Place{found->second, record.json}.bytes());
}

}  // namespace tributary::flow
