#include "gateway/flow/world.hpp"

namespace tributary::flow {

Uid record_uid(const vault::BlindIndex& blind, const store::RecordKey& key) {
    crypto::Place parts{key.connection, key.stream, key.external_id};
    auto hash = blind.of("source_record", parts.bytes());
    auto uid = Uid::from_bytes(std::span<const std::uint8_t, 32>(hash).first<16>());
    // Version 8 of RFC 9562: 122 bits of our own making.
    uid.bytes[6] = static_cast<std::uint8_t>((uid.bytes[6] & 0x0f) | 0x80);
    uid.bytes[8] = static_cast<std::uint8_t>((uid.bytes[8] & 0x3f) | 0x80);
    return uid;
}

}  // namespace tributary::flow
