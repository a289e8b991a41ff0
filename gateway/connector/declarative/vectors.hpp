// Vectors: judges published signatures by a connector's description. A vector is one JSON object: platform, kind,
// secret, method, url, headers, body, should_verify, and optionally now and tolerance_s; those of encrypted bodies name
// encoding_aes_key, receive_id and what is inside, those of tokens hold the sender's keys (jwks), those of requests
// that we sign the signature (expected) and the fields (params, oauth_params).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/auth.hpp"
#include "gateway/connector/declarative/challenge.hpp"
#include "gateway/connector/declarative/encrypted_body.hpp"
#include "gateway/connector/declarative/verify.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// The part of a connector.yaml that a vector is judged by.
struct WebhookCheck {
    std::optional<Verify> verify;
    std::optional<EncryptedBody> encrypted;
    std::vector<Challenge> challenges;
    Auth auth;
    std::vector<RequestTemplate> requests;  // of actions: those that may sign themselves

    // nullopt when the file has neither `webhooks.verify` nor `auth`, or problems.
    static std::optional<WebhookCheck> load(const std::filesystem::path& connector_yaml, spec::Problems& problems);
};

struct Verdict {
    enum class Kind { passed, failed, cannot_judge };
    std::string id;
    Kind kind = Kind::cannot_judge;
    // "accepted as expected", "refused: signature_mismatch", or why it cannot be judged.
    std::string reason;
};

// Without `now` the vector says nothing about the clock, and none is checked.
Verdict judge_vector(value::Node vector, const WebhookCheck& check);

// A request of ours, signed again with what the vector names (kind request_sign).
Verdict judge_signing(value::Node vector, const WebhookCheck& check);
// The query that a browser brings back from a login (kind oauth_callback).
Verdict judge_callback(value::Node vector, const Auth& auth);

// Finds each vector's connector at <connectors>/*/<platform>/connector.yaml. Fault::bad_input when `text` is no JSON
// array of objects; a connector.yaml that does not load makes its vectors fail with that reason.
Result<std::vector<Verdict>> judge_vectors(std::string_view text, const std::filesystem::path& connectors);

}  // namespace tributary::connector
