// Random: the only source of randomness. A system that cannot give random bytes stops the process: nothing here fails.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::crypto {

class Random {
  public:
    virtual ~Random() = default;
    // Safe from several threads.
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

// OpenSSL's CSPRNG, drawn ahead in small blocks for each thread; a forked child draws anew.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override;
};

// For tests alone: the same seed gives the same bytes.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

  private:
    std::mutex mutex_;
    std::uint64_t seed_;
    std::uint64_t drawn_ = 0;
};

Uid make_uid(const Clock& clock, Random& random);
// `size` random bytes. Not for keys: those live in SecretBytes.
std::string random_bytes(std::size_t size, Random& random);

}  // namespace tributary::crypto
