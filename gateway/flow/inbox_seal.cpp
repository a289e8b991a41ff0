#include "gateway/flow/inbox_seal.hpp"

#include "gateway/crypto/aead.hpp"

namespace tributary::flow {

std::string seal_inbox(const vault::KeyRing& ring, crypto::Random& random, std::string_view connection,
                       std::string_view plaintext) {
    return ring.primary(vault::Use::subject)->seal({"inbox", connection}, plaintext, random);
}

Result<std::string> open_inbox(const vault::KeyRing& ring, std::string_view connection, std::string_view sealed) {
    TRY(auto envelope, crypto::Envelope::read(sealed));
    const auto key = ring.find(envelope.key_id);
    if (!key) return fail(Fault::conflict, "a webhook body does not open: " + ring.why_not(envelope.key_id));
    return key->open({"inbox", connection}, sealed);
}

}  // namespace tributary::flow
