#include "gateway/crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
    openssl::must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "random bytes");
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::lock_guard lock(mutex_);
    while (!out.empty()) {
        std::array<std::uint64_t, 2> block{seed_, drawn_++};
        auto bytes = sha256({reinterpret_cast<const char*>(block.data()), sizeof block});
        auto size = std::min(out.size(), bytes.size());
        std::copy_n(bytes.begin(), size, out.begin());
        out = out.subspan(size);
    }
}

Uid make_uid(const Clock& clock, Random& random) {
    std::array<std::uint8_t, 10> bytes;
    random.fill(bytes);
    return Uid::v7(clock.now(), bytes);
}

std::string random_bytes(std::size_t size, Random& random) {
    std::string bytes(size, '\0');
    random.fill({openssl::bytes(bytes.data()), size});
    return bytes;
}

}  // namespace tributary::crypto
