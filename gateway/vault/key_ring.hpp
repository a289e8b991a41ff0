// KeyRing: the keys that wrap other keys, one primary for each use. It is a file beside the master key, sealed with it,
// and never in the database: a stolen database opens nothing.
//
// A ring is alive: what this process changes counts at once, what another one changed is read with refresh(), or when a
// key is asked for that is not known here. Who holds a key goes on with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/vault/ring_file.hpp"

namespace tributary::vault {

// Safe from several threads and, by a lock on the file, from several processes. A change returns when it is durable.
class KeyRing {
  public:
    // Makes a ring with one primary key for each use and writes it (mode 0600). conflict when the file exists.
    static Result<KeyRing> create(const std::filesystem::path& path, const Master& master, crypto::Random& random,
                                  const Clock& clock);
    // not_found when there is no such file; bad_config when the master key is another one, or the file was changed.
    static Result<KeyRing> load(const std::filesystem::path& path, const Master& master);
    ~KeyRing();
    KeyRing(KeyRing&&) noexcept;
    KeyRing& operator=(KeyRing&&) = delete;

    // The key that seals now. Take it anew for each thing that is sealed.
    std::shared_ptr<const crypto::AeadKey> primary(Use use) const;
    // Any key that opens; nullptr when it is unknown or destroyed.
    std::shared_ptr<const crypto::AeadKey> find(const Uid& id) const;
    // Why find() has none, for an error.
    std::string why_not(const Uid& id) const;
    // In the order they were made, without the keys themselves.
    std::vector<RingKey> keys() const;
    // The id that the key service wraps with; empty without one.
    std::string kms_key() const;
    const std::filesystem::path& path() const;
    // Reads the file again if it was replaced. conflict: it was sealed with another master.
    Result<void> refresh() const;

    // A new key, pre_active: it seals nothing yet. Returns the one that is there already, if any.
    Result<Uid> add(Use use, crypto::Random& random, const Clock& clock);
    // From pre_active to primary; the primary before is decrypt_only from now on. Promoting a primary changes nothing.
    Result<void> promote(const Uid& id, crypto::Random& random, const Clock& clock);
    // REQUIRES: nothing is sealed with it any more. refused: it is primary. Destroying it again changes nothing.
    Result<void> destroy(const Uid& id, crypto::Random& random, const Clock& clock);
    // Seals the ring with another master. The keys stay.
    Result<void> change_master(const Master& master, crypto::Random& random);

  private:
    struct Parts;
    explicit KeyRing(std::unique_ptr<Parts> parts);
    template <class F>
    Result<void> change(crypto::Random& random, F change);
    std::unique_ptr<Parts> parts_;
};

}  // namespace tributary::vault
