#include "gateway/crypto/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "gateway/crypto/algorithms.hpp"
#include "gateway/crypto/openssl.hpp"

namespace tributary::crypto {

// `original` is keyed and never used itself: contexts are duplicated from it, then re-armed between messages, which is
// a third faster than keying again.
struct HmacKey::Impl {
    openssl::MacContext original;
    std::mutex mutex;
    std::vector<openssl::MacContext> idle;

    openssl::MacContext take() {
        {
            std::lock_guard lock(mutex);
            if (!idle.empty()) {
                auto context = std::move(idle.back());
                idle.pop_back();
                return context;
            }
        }
        openssl::MacContext context(EVP_MAC_CTX_dup(original.get()));
        openssl::must(context != nullptr, "hmac context");
        return context;
    }
    void give_back(openssl::MacContext context) {
        std::lock_guard lock(mutex);
        idle.push_back(std::move(context));
    }
    std::size_t sign(std::string_view message, std::uint8_t* out) {
        auto context = take();
        std::size_t size = 0;
        bool done = EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context.get(), openssl::bytes(message), message.size()) == 1 &&
                    EVP_MAC_final(context.get(), out, &size, EVP_MAX_MD_SIZE) == 1;
        openssl::must(done, "hmac");
        give_back(std::move(context));
        return size;
    }
};

HmacKey::HmacKey(Hash hash, std::string_view key) : impl_(std::make_unique<Impl>()) {
    auto name = std::string(name_of(hash));
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_END};
    impl_->original.reset(EVP_MAC_CTX_new(openssl::hmac_algorithm()));
    // A null pointer would mean "keep the key": an empty key needs a place to point to.
    auto* start = openssl::bytes(key.empty() ? std::string_view("") : key);
    openssl::must(impl_->original && EVP_MAC_init(impl_->original.get(), start, key.size(), parameters) == 1,
                  "hmac key");
}
HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;

std::string HmacKey::sign(std::string_view message) const {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    out.resize(impl_->sign(message, openssl::bytes(out.data())));
    return out;
}

Digest<32> HmacKey::sign_sha256(std::string_view message) const {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> full;
    openssl::must(impl_->sign(message, full.data()) == 32, "hmac-sha256 code");
    Digest<32> out;
    std::copy_n(full.begin(), out.size(), out.begin());
    return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view message) {
    return HmacKey(hash, key).sign(message);
}

}  // namespace tributary::crypto
