// Encrypted webhook bodies: what a stranger sends as ciphertext, and what stands inside a ciphertext that does decrypt.
// The first byte picks the platform's form; the rest is taken as ciphertext, then as what the platform encrypted.
#include <cstdlib>
#include <string_view>

#include "gateway/base/base64.hpp"
#include "gateway/connector/declarative/encrypted_body.hpp"
#include "gateway/crypto/aes_cbc.hpp"
#include "gateway/crypto/digest.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

constexpr std::string_view kKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";  // 32 zero bytes

Result<std::optional<std::string>> open(const EncryptedBody& form, std::string_view ciphertext) {
    const InboundRequest request{
        "POST", "https://h.example/in", "/in", {}, R"({"encrypt":")" + to_base64(ciphertext) + "\"}"};
    SignatureValues values(request,
                           [](std::string_view) -> Result<crypto::SecretBytes> { return crypto::SecretBytes(kKey); });
    return form.open(values);
}

EncryptedBody body(EncryptedBody::Form form) {
    EncryptedBody out;
    out.form = form;
    out.at.push_back(Template::compile("{json.encrypt}").value());
    out.key = Template::compile("{credentials.k}").value();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto wechat = body(EncryptedBody::Form::wechat), feishu = body(EncryptedBody::Form::feishu);
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool first = data[0] % 2 == 0;
    const auto sent = open(first ? wechat : feishu, rest);
    if (!sent && sent.error().fault != Fault::unauthorized) std::abort();

    const std::string iv(16, '\0');
    const auto key = first ? std::string(32, '\0') : std::string(crypto::sha256(kKey).view());
    const auto sealed = crypto::encrypt_aes_256_cbc(key, iv, rest, first ? 32 : 16);
    const auto opened = open(first ? wechat : feishu, first ? sealed : iv + sealed);
    if (!first && (!opened || !*opened || **opened != rest)) std::abort();
    if (first && opened && *opened && (*opened)->size() + 20 > rest.size()) std::abort();
    return 0;
}
