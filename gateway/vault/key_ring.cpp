#include "gateway/vault/key_ring.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <mutex>

#include "gateway/base/hex.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::vault {
namespace {

std::unexpected<Error> unknown_key(const Uid& id) {
    return fail(Fault::not_found, "there is no such key in the key ring; `tributary vault status` lists them",
                to_hex(id.view()));
}

RingKey new_key(Use use, KeyState state, crypto::Random& random, Timestamp now) {
    auto key = std::make_shared<const crypto::AeadKey>(crypto::AeadKey::generate(random));
    return {key->id(), use, state, now, now, key};
}

}  // namespace

struct KeyRing::Parts {
    std::filesystem::path path;
    std::mutex writing;  // one change, or one reading of the file, at a time; taken before `mutex`
    std::mutex mutex;
    RingFile file;
    FileMark mark;

    void take(RingFile newer, FileMark seen) {
        std::lock_guard lock(mutex);
        file = std::move(newer);
        mark = seen;
    }
    Root root() {
        std::lock_guard lock(mutex);
        return file.root;
    }
    bool current() {
        std::lock_guard lock(mutex);
        return mark == file_mark(path);
    }
    std::shared_ptr<const crypto::AeadKey> find(const Uid& id) {
        std::lock_guard lock(mutex);
        const auto* key = file.find(id);
        return key ? key->key : nullptr;
    }
};

KeyRing::KeyRing(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
KeyRing::~KeyRing() = default;
KeyRing::KeyRing(KeyRing&&) noexcept = default;

Result<KeyRing> KeyRing::create(const std::filesystem::path& path, const Master& master, crypto::Random& random,
                                const Clock& clock) {
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    TRY(parts->file.root, master.make_root(random));
    for (auto use : kUses) parts->file.keys.push_back(new_key(use, KeyState::primary, random, clock.now()));
    CHECK_OK(write_new_ring(path, parts->file, random));
    parts->mark = file_mark(path);
    return KeyRing(std::move(parts));
}

Result<KeyRing> KeyRing::load(const std::filesystem::path& path, const Master& master) {
    auto parts = std::make_unique<Parts>();
    parts->path = path;
    parts->mark = file_mark(path);  // before reading, so that what comes meanwhile is read again
    TRY(parts->file, read_ring(path, master));
    return KeyRing(std::move(parts));
}

std::shared_ptr<const crypto::AeadKey> KeyRing::primary(Use use) const {
    std::lock_guard lock(parts_->mutex);
    if (const auto* key = parts_->file.primary(use)) return key->key;
    assert(!"a ring holds one primary key for each use");
    std::abort();
}

std::shared_ptr<const crypto::AeadKey> KeyRing::find(const Uid& id) const {
    if (auto key = parts_->find(id)) return key;
    // Another process may have made it since.
    if (parts_->current() || !refresh()) return nullptr;
    return parts_->find(id);
}

std::string KeyRing::why_not(const Uid& id) const {
    std::lock_guard lock(parts_->mutex);
    const auto* key = parts_->file.find(id);
    return key && !key->key ? "it was sealed with a key that was destroyed since"
                            : "it was sealed with a key that is not in the key ring";
}

std::vector<RingKey> KeyRing::keys() const {
    std::lock_guard lock(parts_->mutex);
    auto keys = parts_->file.keys;
    for (auto& key : keys) key.key = nullptr;
    return keys;
}

std::string KeyRing::kms_key() const {
    return parts_->root().record.wrapped.key_id;
}

const std::filesystem::path& KeyRing::path() const {
    return parts_->path;
}

Result<void> KeyRing::refresh() const {
    std::lock_guard writing(parts_->writing);
    if (parts_->current()) return {};
    const auto mark = file_mark(parts_->path);
    TRY(auto newer, read_ring(parts_->path, parts_->root()));
    parts_->take(std::move(newer), mark);
    return {};
}

template <class F>
Result<void> KeyRing::change(crypto::Random& random, F change) {
    std::lock_guard writing(parts_->writing);
    TRY(const auto held, FileLock::take(parts_->path.string() + ".lock"));
    TRY(auto file, read_ring(parts_->path, parts_->root()));
    TRY(const bool changed, change(file));
    if (changed) CHECK_OK(replace_ring(parts_->path, file, random));
    parts_->take(std::move(file), file_mark(parts_->path));
    return {};
}

Result<Uid> KeyRing::add(Use use, crypto::Random& random, const Clock& clock) {
    Uid id;
    CHECK_OK(change(random, [&](RingFile& file) -> Result<bool> {
        for (const auto& key : file.keys)
            if (key.use == use && key.state == KeyState::pre_active) {
                id = key.id;
                return false;
            }
        auto made = new_key(use, KeyState::pre_active, random, clock.now());
        if (file.find(made.id)) return fail(Fault::internal, "the random generator repeats itself");
        id = made.id;
        file.keys.push_back(std::move(made));
        return true;
    }));
    return id;
}

Result<void> KeyRing::promote(const Uid& id, crypto::Random& random, const Clock& clock) {
    return change(random, [&](RingFile& file) -> Result<bool> {
        auto* key = file.find(id);
        if (!key) return unknown_key(id);
        if (key->state == KeyState::primary) return false;
        if (key->state != KeyState::pre_active)
            return fail(Fault::refused,
                        "only a pre_active key becomes primary; this one is " + std::string(name_of(key->state)),
                        to_hex(id.view()));
        const auto now = clock.now();
        for (auto& other : file.keys)
            if (other.use == key->use && other.state == KeyState::primary) {
                other.state = KeyState::decrypt_only;
                other.changed = now;
            }
        key->state = KeyState::primary;
        key->changed = now;
        return true;
    });
}

Result<void> KeyRing::destroy(const Uid& id, crypto::Random& random, const Clock& clock) {
    return change(random, [&](RingFile& file) -> Result<bool> {
        auto* key = file.find(id);
        if (!key) return unknown_key(id);
        if (key->state == KeyState::destroyed) return false;
        if (key->state == KeyState::primary)
            return fail(Fault::refused,
                        "this key is primary for " + std::string(name_of(key->use)) + ": rotate it first",
                        to_hex(id.view()));
        key->state = KeyState::destroyed;
        key->changed = clock.now();
        key->key = nullptr;
        return true;
    });
}

Result<void> KeyRing::change_master(const Master& master, crypto::Random& random) {
    TRY(auto root, master.make_root(random));
    return change(random, [&](RingFile& file) -> Result<bool> {
        file.root = root;
        return true;
    });
}

}  // namespace tributary::vault
