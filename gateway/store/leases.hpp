// Leases: who may run a named job. Each acquisition raises the fencing token; every commit of the job checks it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct Lease {
    std::string name, owner;
    std::uint64_t token = 0;
    Timestamp until;
};

class LeasesView {
  public:
    virtual ~LeasesView() = default;
    virtual Result<std::optional<Lease>> get(const std::string& name) = 0;
};

class Leases : public virtual LeasesView {
  public:
    // The new token, or nullopt while another owner holds it (also the same owner name: a token is never shared).
    virtual Result<std::optional<std::uint64_t>> acquire(const std::string& name, const std::string& owner,
                                                         Milliseconds ttl, Timestamp now) = 0;
    // Fault::conflict when the token is stale: return it, so that the whole closure is rolled back.
    virtual Result<void> check(const std::string& name, std::uint64_t token) = 0;
    // As check(), and the lease now lasts until now + ttl.
    virtual Result<void> extend(const std::string& name, std::uint64_t token, Milliseconds ttl, Timestamp now) = 0;
    // A stale token releases nothing and is no error.
    virtual Result<void> release(const std::string& name, std::uint64_t token) = 0;
};

}  // namespace tributary::store
