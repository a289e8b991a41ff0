#include "gateway/app/host.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "gateway/base/host_name.hpp"
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

// Of the one gateway of a store: none. Else by place, which another machine or folder does not share; under a new name
// a ledger is compared with the store from its first line on.
std::string name_of_ledger(const Config& config) {
    if (!config.backup || std::holds_alternative<SqliteConfig>(config.store)) return "";
    return host_name() + ":" + config.backup->ledger.string();
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
      ledger(*foundation->store, *foundation->ring, foundation->clock, log,
             config.backup ? config.backup->ledger : std::filesystem::path(), name_of_ledger(config)),
      access(config, *foundation->store, *foundation->ring, foundation->random, foundation->clock),
      tally(foundation->clock) {}

Result<std::shared_ptr<Host>> Host::open(const Config& config, std::unique_ptr<Foundation> foundation, Log& log) {
    std::shared_ptr<Host> host(new Host(config, std::move(foundation), log));
    if (host->ledger.kept() && !host->ledger.name().empty()) {
        std::filesystem::path beside = config.backup->ledger;
        std::error_code ignored;  // the lock tells
        std::filesystem::create_directories(beside.parent_path(), ignored);
        auto lock = store::LockFile::acquire(beside += ".lock");
        if (!lock && lock.error().fault == Fault::conflict)
            return fail(Fault::conflict, "another gateway keeps this ledger: give each gateway its own",
                        "backup.ledger " + config.backup->ledger.string());
        if (!lock) return pass(std::move(lock), "backup.ledger");
        host->ledger_lock.emplace(*std::move(lock));
    }
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
