#include "gateway/access/totp.hpp"

#include <array>

#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::access {
namespace {

constexpr std::int64_t kStepSeconds = 30;

}  // namespace

std::string to_base32(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = held << 8 | static_cast<std::uint8_t>(c);
        for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[held >> (bits - 5) & 31];
        held &= (1U << bits) - 1;
    }
    if (bits > 0) out += kAlphabet[held << (5 - bits) & 31];
    return out;
}

std::int64_t totp_step(Timestamp now) {
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() / kStepSeconds;
}

std::string totp_code(std::string_view secret, std::int64_t step, int digits, crypto::Hash hash) {
    std::array<char, 8> counter{};
    for (int i = 7; i >= 0; --i, step >>= 8) counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xFF);
    const auto mac = crypto::hmac(hash, secret, std::string_view(counter.data(), counter.size()));
    const auto offset = static_cast<std::size_t>(mac.back() & 0x0F);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(mac[offset + i]);
    number &= 0x7FFFFFFF;
    std::string code(static_cast<std::size_t>(digits), '0');
    for (auto place = code.rbegin(); place != code.rend(); ++place, number /= 10)
        *place = static_cast<char>('0' + number % 10);
    return code;
}

std::optional<std::int64_t> accept_totp(std::string_view secret, std::string_view code, Timestamp now,
                                        std::int64_t last_step) {
    std::optional<std::int64_t> found;
    for (auto step = totp_step(now) - 1; step <= totp_step(now) + 1; ++step) {
        const bool same = crypto::equal(totp_code(secret, step), code);
        if (same && step > last_step && !found) found = step;
    }
    return found;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view user) {
    const auto name = value::percent_encode(issuer);
    return "otpauth://totp/" + name + ":" + value::percent_encode(user) + "?secret=" + to_base32(secret) +
           "&issuer=" + name + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace tributary::access
