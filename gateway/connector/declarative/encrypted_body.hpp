// EncryptedBody: bodies that a platform encrypts, as `webhooks.encrypted` of a connector.yaml describes them, and the
// encrypted answers that some of them want.
//
//   encrypted: { form: wechat, at: "{xml.xml.Encrypt}", key: "{credentials.encoding_aes_key}", receiver:
//   "{settings.app_id}" }
//
// The forms (facts: WeChat, WeCom and DingTalk callback crypto samples; larksuite/oapi-sdk-go):
//   wechat   AES-256-CBC; the key is the 43 characters of EncodingAESKey as base64, the IV its first 16 bytes, padding
//   to
//            32; inside: 16 random bytes, the text's length (4 bytes, big-endian), the text, whose it is.
//            An encrypted answer is signed: SHA-1 over token, timestamp, nonce and ciphertext, sorted and joined.
//   feishu   AES-256-CBC; the key is SHA-256 of the encrypt key, the IV the ciphertext's first 16 bytes.
// CBC does not authenticate: a body is opened only after its signature was verified.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/signature_values.hpp"
#include "gateway/connector/declarative/template.hpp"

namespace tributary::connector {

// Reason codes beside those of verify.hpp.
inline constexpr std::string_view kNotEncrypted = "not_encrypted";          // although the key is set
inline constexpr std::string_view kCannotDecrypt = "cannot_decrypt";        // another key, or damaged
inline constexpr std::string_view kReceiverMismatch = "receiver_mismatch";  // meant for another app

struct EncryptedBody {
    enum class Form { wechat, feishu };
    Form form = Form::wechat;
    std::vector<Template> at;  // the first that has a value is the ciphertext, in base64
    Template key;              // every active secret is tried
    Template receiver;         // wechat: whose it must be; empty or nothing: not compared
    Template token;            // wechat: signs encrypted answers

    void check(const Names& names, spec::Problems& problems) const;

    // nullopt: there is no ciphertext, and no key is set. Fault::unauthorized with a reason code; other faults are the
    // credentials' own.
    Result<std::optional<std::string>> open(SignatureValues& values) const;
};
const spec::Type<EncryptedBody>& describe(spec::Tag<EncryptedBody>);

// An answer that the platform wants encrypted.
struct EncryptedAnswer {
    std::string text;   // "success"
    BodyTemplate json;  // over {answer.text} (the ciphertext), {answer.signature}, {answer.timestamp}, {answer.nonce}

    // text, signature, timestamp and nonce, as {answer}. It is the same for every delivery, so there is no request;
    // `random` are 16 bytes.
    Result<value::Document> parts(const EncryptedBody& form, SignatureValues& values, const std::string& random,
                                  const std::string& timestamp, const std::string& nonce) const;
    Result<std::string> seal(const EncryptedBody& form, SignatureValues& values, const std::string& random,
                             const std::string& timestamp, const std::string& nonce) const;
};
const spec::Type<EncryptedAnswer>& describe(spec::Tag<EncryptedAnswer>);

}  // namespace tributary::connector
