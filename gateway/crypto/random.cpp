#include "gateway/crypto/random.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/openssl.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::crypto {

namespace {

void draw(std::span<std::uint8_t> out) {
    openssl::must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "random bytes");
}

std::atomic<unsigned>& forks() {
    static std::atomic<unsigned> count = 0;
    return count;
}

// What a call to OpenSSL costs hardly depends on the size, so small draws are cut from a larger one. Bytes that were
// handed out are wiped here, and a forked child throws away what it inherited.
class Reserve {
  public:
    void fill(std::span<std::uint8_t> out) {
        auto forked = forks().load(std::memory_order_relaxed);
        if (forked != forks_ || left_ < out.size()) {
            draw(bytes_);
            left_ = bytes_.size();
            forks_ = forked;
        }
        auto from = std::span(bytes_).subspan(left_ - out.size(), out.size());
        std::ranges::copy(from, out.begin());
        wipe(from);
        left_ -= out.size();
    }
    ~Reserve() { wipe(bytes_); }

  private:
    std::array<std::uint8_t, 512> bytes_{};
    std::size_t left_ = 0;
    unsigned forks_ = 0;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
    constexpr std::size_t kSmall = 64;
    if (out.size() > kSmall) return draw(out);
    static const int watched =
        ::pthread_atfork(nullptr, nullptr, [] { forks().fetch_add(1, std::memory_order_relaxed); });
    openssl::must(watched == 0, "watching for forks");
    thread_local Reserve reserve;
    reserve.fill(out);
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
