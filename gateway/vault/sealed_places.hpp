// Where the vault's sealed values belong: all that lies in clear beside one is authenticated with it, so a row that was
// edited, moved or rolled back does not open.
#pragma once

#include <string>
#include <string_view>

#include "gateway/crypto/aead.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::vault {

// `part`: "key" or "fields".
inline crypto::Place place_of_secret(std::string_view part, const SealedSecret& secret) {
    crypto::Place place{
        "secret", part, secret.name, std::to_string(secret.version), secret.binding.owner, secret.binding.connector};
    place.add(std::to_string(secret.binding.allowed_hosts.size()));
    for (const auto& host : secret.binding.allowed_hosts) place.add(host);
    for (const auto& field : secret.fields) place.add(field);
    return place;
}

inline crypto::Place place_of_subject_key(const Uid& subject) {
    return {"subject_key", subject.view()};
}

}  // namespace tributary::vault
