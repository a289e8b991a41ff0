// Sealed values as they may come back from a damaged or hostile database: nothing but what this key sealed ever opens.
#include <cstdlib>

#include "gateway/crypto/aead.hpp"

using namespace tributary::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto keys = [] {
        SeededRandom random(1);
        std::pair pair{AeadKey::generate(random), AeadKey::generate(random, Aead::aes_256_gcm)};
        return pair;
    }();
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto envelope = Envelope::read(bytes);
    if (envelope && 20 + envelope->nonce.size() + envelope->ciphertext.size() + envelope->tag.size() != size)
        std::abort();
    for (const auto* key : {&keys.first, &keys.second}) {
        // The ids of the fuzzer's input are random, so put the right one in: the tag is what must stop it.
        std::string named(bytes);
        if (named.size() >= 20) named.replace(4, 16, key->id().view());
        if (key->open({"place"}, named) || key->open_secret({"place"}, named)) std::abort();
        SeededRandom random(size);
        auto sealed = key->seal({"place", bytes}, bytes, random);
        if (key->open({"place", bytes}, sealed).value() != bytes) std::abort();
    }
    return 0;
}
