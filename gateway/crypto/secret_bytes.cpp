#include "gateway/crypto/secret_bytes.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {
namespace {

constexpr std::size_t kLockedBytes = 1 << 20;
constexpr std::size_t kSmallestChunk = 32;

std::uint8_t* allocate(std::size_t size, Memory memory) {
    if (size == 0) return nullptr;
    void* found = nullptr;
    if (memory == Memory::locked) {
        // A zero answer (no guard pages here) leaves OpenSSL on its ordinary heap, which the wiping still covers.
        static const int started = CRYPTO_secure_malloc_init(kLockedBytes, kSmallestChunk);
        if (started != 0) found = OPENSSL_secure_zalloc(size);
    }
    if (!found) found = OPENSSL_zalloc(size);
    openssl::must(found != nullptr, "memory for a secret");
    return static_cast<std::uint8_t*>(found);
}

}  // namespace

SecretBytes SecretBytes::of_size(std::size_t size, Memory memory) {
    SecretBytes made;
    made.data_ = allocate(size, memory);
    made.size_ = size;
    return made;
}

SecretBytes::SecretBytes(std::string_view bytes, Memory memory) : SecretBytes(of_size(bytes.size(), memory)) {
    std::ranges::copy(bytes, data_);
}

SecretBytes SecretBytes::random(std::size_t size, Random& random, Memory memory) {
    auto made = of_size(size, memory);
    random.fill(made.data());
    return made;
}

// Frees either kind: it asks whether the block is a locked one.
SecretBytes::~SecretBytes() {
    OPENSSL_secure_clear_free(data_, size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

SecretBytes SecretBytes::clone() const {
    bool locked = data_ && CRYPTO_secure_allocated(data_) == 1;
    return SecretBytes(reveal(), locked ? Memory::locked : Memory::plain);
}

void wipe(std::span<std::uint8_t> bytes) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace tributary::crypto
