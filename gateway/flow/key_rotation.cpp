#include "gateway/flow/key_rotation.hpp"

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"

namespace tributary::flow {
namespace {

using vault::KeyState;
using vault::Use;

Result<void> check_rotates(Use use) {
    switch (use) {
        case Use::cred:
        case Use::subject:
        case Use::backup:
        case Use::analytics:
            return {};
        case Use::blind_index:
        case Use::suppression:
            return fail(Fault::refused,
                        "this key makes the hashes that values are looked up by, and wraps nothing that could be "
                        "wrapped anew: with another key no known customer and no suppression would be found again",
                        std::string(name_of(use)));
        case Use::audit:
            return fail(Fault::refused,
                        "this key signs the checkpoints of the audit trail, and auditors know its public half: with "
                        "another key none of the earlier checkpoints could be checked",
                        std::string(name_of(use)));
    }
    return {};
}

}  // namespace

Result<void> KeyRotation::tell(std::string_view action, const std::string& actor, Use use, const Uid& key) {
    const auto entry = audit_entry(clock_, actor.empty() ? "system" : "user", actor.empty() ? "gateway" : actor, action,
                                   {{"key", to_hex(key.view())}, {"use", std::string(name_of(use))}});
    return write_entry(store_, entry);
}

Result<Uid> KeyRotation::rotate(Use use, const std::string& actor) {
    CHECK_OK(check_rotates(use));
    std::lock_guard lock(mutex_);
    CHECK_OK(ring_.refresh());
    // One that was made and not promoted is taken up.
    TRY(const auto id, ring_.add(use, random_, clock_));
    CHECK_OK(tell("vault.key.create", actor, use, id));
    CHECK_OK(tell("vault.key.promote", actor, use, id));
    CHECK_OK(ring_.promote(id, random_, clock_));
    return id;
}

Result<Rewrap> KeyRotation::rewrap(const GoOn& go_on) {
    std::lock_guard lock(mutex_);
    CHECK_OK(ring_.refresh());
    return rewrap_all(go_on);
}

Result<Rewrap> KeyRotation::rewrap_all(const GoOn& go_on) {
    Rewrap done;
    TRY(bool more, rewrap_secrets(done, go_on));
    for (const auto& key : ring_.keys()) {
        if (!more) return done;
        if (key.state != KeyState::decrypt_only) continue;
        TRY(more, reseal_notes(key, done, go_on));
        if (!more || key.use != Use::subject) continue;
        TRY(more, rewrap_subject_keys(key.id, done, go_on));
        if (!more) return done;
        TRY(more, reseal_inbox(key.id, done, go_on));
    }
    done.complete = more;
    return done;
}

Result<void> KeyRotation::destroy(const Uid& id, const std::string& actor) {
    std::lock_guard lock(mutex_);
    CHECK_OK(ring_.refresh());
    const auto keys = ring_.keys();
    const auto key = std::ranges::find(keys, id, &vault::RingKey::id);
    if (key == keys.end())
        return fail(Fault::not_found, "there is no such key in the key ring; `tributary vault status` lists them",
                    to_hex(id.view()));
    return destroy_key(*key, actor);
}

Result<void> KeyRotation::destroy_key(const vault::RingKey& key, const std::string& actor) {
    const auto name = to_hex(key.id.view());
    if (key.state == KeyState::destroyed) return {};
    if (key.state == KeyState::primary)
        return fail(Fault::refused, "this key is primary for " + std::string(name_of(key.use)) + ": rotate it first",
                    name);
    if (key.use == Use::backup)
        return fail(Fault::refused,
                    "backups and the ledger outside the store may need it, and they cannot be counted from here: it "
                    "stays in the ring and opens them",
                    name);
    CHECK_OK(retire(key.id));  // so that nothing comes after the count
    TRY(const auto all, uses());
    if (const auto use = all.find(key.id); use != all.end() && use->second.all() > 0)
        return fail(Fault::refused,
                    "it still wraps " + std::to_string(use->second.subject_keys) + " subject keys and " +
                        std::to_string(use->second.secrets) + " secrets, and seals " +
                        std::to_string(use->second.inbox) + " webhooks and " + std::to_string(use->second.notes) +
                        " notes: run `tributary vault rewrap` first",
                    name);
    CHECK_OK(tell("vault.key.destroy", actor, key.use, key.id));
    return ring_.destroy(key.id, random_, clock_);
}

Result<void> KeyRotation::retire(const Uid& key) {
    return store_.write([&](store::Session& session) { return session.keys().retire(key); });
}

Result<Roll> KeyRotation::roll(Use use, Timestamp since, const std::string& actor, const GoOn& go_on) {
    CHECK_OK(check_rotates(use));
    if (use == Use::backup)
        return fail(Fault::refused, "keys of backups are not destroyed: rotate alone", std::string(name_of(use)));
    CHECK_OK(ring_.refresh());
    const auto young = [&] {
        const auto keys = ring_.keys();
        return std::ranges::any_of(keys, [&](const auto& key) {
            return key.use == use && key.state == KeyState::primary && key.created >= since;
        });
    };
    if (!young()) {
        // What was made for an earlier rotation and never promoted may be older than `since`: it comes first.
        CHECK_OK(rotate(use, actor));
        if (!young()) CHECK_OK(rotate(use, actor));
    }
    Roll roll;
    roll.primary = ring_.primary(use)->id();
    std::lock_guard lock(mutex_);
    auto old = ring_.keys();
    std::erase_if(old, [&](const auto& key) {
        return key.use != use || key.state != KeyState::decrypt_only || key.created >= since;
    });
    for (const auto& key : old) CHECK_OK(retire(key.id));
    TRY(roll.rewrap, rewrap_all(go_on));
    if (!roll.rewrap.complete) return roll;
    for (const auto& key : old) {
        CHECK_OK(destroy_key(key, actor));
        roll.destroyed.push_back(key.id);
    }
    return roll;
}

Result<void> KeyRotation::change_master(const vault::Master& master, const std::string& actor) {
    std::lock_guard lock(mutex_);
    const auto entry = audit_entry(clock_, actor.empty() ? "system" : "user", actor.empty() ? "gateway" : actor,
                                   "vault.master.change");
    CHECK_OK(write_entry(store_, entry));
    return ring_.change_master(master, random_);
}

}  // namespace tributary::flow
