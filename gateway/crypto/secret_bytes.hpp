// SecretBytes: a secret in locked, guarded memory, wiped when it dies. It moves but never copies, prints or formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>

#include "gateway/crypto/random.hpp"

namespace tributary::crypto {

// `locked` is mlocked, between guard pages, and bounded to 1 MiB for the process: for keys and credentials. When it is
// full, and for `plain`, the bytes lie on the ordinary heap; they are wiped in either case.
enum class Memory : std::uint8_t { locked, plain };

class SecretBytes {
  public:
    SecretBytes() = default;
    explicit SecretBytes(std::string_view bytes, Memory memory = Memory::locked);
    // Zeroes, to be written through data().
    static SecretBytes of_size(std::size_t size, Memory memory = Memory::locked);
    static SecretBytes random(std::size_t size, Random& random, Memory memory = Memory::locked);
    ~SecretBytes();
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;

    SecretBytes clone() const;
    // The one way to the bytes; valid while this object lives. A std::string made of it is no longer wiped.
    std::string_view reveal() const { return {reinterpret_cast<const char*>(data_), size_}; }
    std::span<std::uint8_t> data() { return {data_, size_}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    template <class Stream>
    friend Stream& operator<<(Stream&, const SecretBytes&) = delete;

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

// Overwrites memory that held a secret; the compiler cannot drop it.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace tributary::crypto
