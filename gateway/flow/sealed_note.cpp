#include "gateway/flow/sealed_note.hpp"

namespace tributary::flow {

std::string seal_note(const vault::KeyRing& ring, crypto::Random& random, const crypto::Place& place,
                      std::string_view text) {
    return ring.primary(vault::Use::cred)->seal(place, text, random);
}

Result<std::string> open_note(const vault::KeyRing& ring, const crypto::Place& place, std::string_view sealed) {
    TRY(const auto envelope, crypto::Envelope::read(sealed));
    const auto key = ring.find(envelope.key_id);
    if (!key) return fail(Fault::not_found, ring.why_not(envelope.key_id));
    return key->open(place, sealed);
}

}  // namespace tributary::flow
