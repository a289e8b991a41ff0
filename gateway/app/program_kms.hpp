// ProgramKms: a key service behind a program. It is started for each call, reads one JSON object from its standard
// input and writes one to its standard output:
//
//     {"operation": "status"}                                       -> {"key_id": "k1"}
//     {"operation": "wrap", "plaintext": BASE64}                    -> {"key_id": "k1", "ciphertext": TEXT}
//     {"operation": "unwrap", "key_id": "k1", "ciphertext": TEXT}   -> {"plaintext": BASE64}
//
// What it answers with {"error": TEXT} is refused, what it ends badly with is transient.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/value/document.hpp"
#include "gateway/vault/kms.hpp"

namespace tributary::app {

// Safe from several threads. Each call blocks, at most for `timeout`; then the program is killed.
class ProgramKms final : public vault::Kms {
  public:
    ProgramKms(std::vector<std::string> command, Milliseconds timeout)
        : command_(std::move(command)), timeout_(timeout) {}
    Result<std::string> status() override;
    Result<vault::WrappedRoot> wrap(const crypto::SecretBytes& key) override;
    Result<crypto::SecretBytes> unwrap(const vault::WrappedRoot& wrapped) override;

  private:
    Result<value::Document> call(std::string request) const;
    std::vector<std::string> command_;
    Milliseconds timeout_;
};

}  // namespace tributary::app
