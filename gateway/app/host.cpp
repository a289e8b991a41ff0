#include "gateway/app/host.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "gateway/crypto/hkdf.hpp"

namespace tributary::app {
namespace {

// Blocking store calls sleep in an fsync most of the time, so there are more threads than cores.
std::size_t pool_size(const ThreadsConfig& threads) {
    return std::max<std::size_t>(8, 4 * (threads.work ? threads.work : std::thread::hardware_concurrency()));
}

// The audit key of the ring seals; what signs is derived from it.
crypto::SecretBytes checkpoint_seed(const vault::KeyRing& ring) {
    return crypto::hkdf_sha256(ring.primary(vault::Use::audit)->key().reveal(), "", "tributary audit checkpoint");
}

}  // namespace

Host::Host(const Config& config, std::unique_ptr<Foundation> made, Log& log)
    : foundation(std::move(made)),
      log(log),
      pool("work", pool_size(config.threads)),
      http(loop),
      subject_keys(*foundation->ring, foundation->random),
      blind(*foundation->ring),
      suppression_index(*foundation->ring, vault::Use::suppression),
      audit(*foundation->store, foundation->clock, log,
            audit::NoteSigner(config.gateway.name + "/audit", checkpoint_seed(*foundation->ring)),
            config.audit.checkpoints),
      ledger(*foundation->store, *foundation->ring, log,
             config.backup ? config.backup->ledger : std::filesystem::path()),
      access(config, *foundation->store, *foundation->ring, foundation->random, foundation->clock),
      tally(foundation->clock) {}

Result<std::shared_ptr<Host>> Host::open(const Config& config, std::unique_ptr<Foundation> foundation, Log& log) {
    std::shared_ptr<Host> host(new Host(config, std::move(foundation), log));
    if (auto replayed = host->ledger.open(); !replayed) return pass(std::move(replayed), "backup.ledger");
    return host;
}

void Host::close() {
    if (std::exchange(closed_, true)) return;
    if (loop.started()) loop.stop();
    if (auto kept = ledger.keep(); !kept) log.error("the outer ledger is behind", kept.error());
    foundation->store->stop();
}

Host::~Host() {
    close();
}

}  // namespace tributary::app
