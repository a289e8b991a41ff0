// Disclosures: which destination was told what about whom, for withdrawal, erasure and subject access.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

// One row for each (subject, purpose, destination, external id).
struct Disclosure {
    Uid subject;
    std::string purpose;
    std::string destination;
    std::string external_id;  // its id over there
    Digest fields{};          // hash of the set of field names sent
    Timestamp first_sent_at, last_sent_at;
};

class DisclosuresView {
  public:
    virtual ~DisclosuresView() = default;
    virtual Result<std::vector<Disclosure>> of(Uid subject) = 0;
};

class Disclosures : public virtual DisclosuresView {
  public:
    // A repeated row keeps its first_sent_at and takes the rest.
    virtual Result<void> put(std::span<const Disclosure> disclosures) = 0;
};

}  // namespace tributary::store
