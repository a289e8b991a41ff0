#include "gateway/vault/key_ring.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <optional>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/value/json.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::vault {
namespace {

constexpr std::array kUses{Use::cred, Use::subject, Use::blind_index, Use::suppression, Use::audit, Use::backup};
constexpr std::int64_t kFormat = 1;

std::unexpected<Error> damaged(std::string_view what) {
    return fail(Fault::bad_config, "the key ring is damaged: " + std::string(what) + "; restore it from its backup");
}

std::optional<Use> use_of(std::string_view name) {
    for (auto use : kUses)
        if (name_of(use) == name) return use;
    return std::nullopt;
}

std::optional<Uid> uid_of(std::string_view hex) {
    auto raw = from_hex(hex);
    if (!raw || raw->size() != 16) return std::nullopt;
    return Uid::from_bytes(std::span<const std::uint8_t, 16>(reinterpret_cast<const std::uint8_t*>(raw->data()), 16));
}

// What is said in clear about a key is authenticated with it.
crypto::Place place_of(const Uid& id, std::string_view use, std::string_view state, std::int64_t created) {
    return {"key_ring", id.view(), use, state, std::to_string(created)};
}

constexpr std::string_view kPrimary = "primary", kDecryptOnly = "decrypt_only";

// Rings that were made before there were backups hold no key for them. Theirs follows from the root, so that it is the
// same at each start, and it is written like any other key when the ring is written anew.
crypto::AeadKey first_backup_key(const crypto::AeadKey& root) {
    const auto derived = [&](std::string_view what) {
        return crypto::hkdf_sha256(root.key().reveal(), "", "tributary first backup " + std::string(what));
    };
    const auto name = derived("id");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.reveal().data());
    return {Uid::from_bytes(std::span<const std::uint8_t, 16>(bytes, 16)), derived("key")};
}

}  // namespace

std::string_view name_of(Use use) {
    switch (use) {
        case Use::cred:
            return "cred";
        case Use::subject:
            return "subject";
        case Use::blind_index:
            return "blind_index";
        case Use::suppression:
            return "suppression";
        case Use::audit:
            return "audit";
        case Use::backup:
            return "backup";
    }
    return "unknown";
}

Result<KeyRing> KeyRing::create(const std::filesystem::path& path, const Master& master, crypto::Random& random,
                                const Clock& clock) {
    auto salt = crypto::random_bytes(16, random);
    TRY(auto root, master.root(salt));
    auto created = clock.now();
    auto milliseconds = created.time_since_epoch().count();
    KeyRing ring;
    value::Builder file;
    file.begin_object().key("format").integer(kFormat).key("salt").text(to_base64(salt));
    file.key("root").text(to_hex(root.id().view())).key("keys").begin_array();
    for (auto use : kUses) {
        auto key = crypto::AeadKey::generate(random);
        auto wrapped = root.seal(place_of(key.id(), name_of(use), kPrimary, milliseconds), key.key().reveal(), random);
        file.begin_object().key("id").text(to_hex(key.id().view())).key("use").text(name_of(use));
        file.key("state").text(kPrimary).key("created").integer(milliseconds);
        file.key("check").text(to_base64(key.check_value())).key("wrapped").text(to_base64(wrapped)).end();
        ring.entries_.push_back({use, State::primary, created, std::move(key)});
    }
    file.end().end();
    CHECK_OK(write_new_file(path, value::to_pretty_json(file.take().root()) + "\n", 0600));
    return ring;
}

Result<KeyRing::Entry> KeyRing::read_entry(const value::Node& node, const crypto::AeadKey& root) {
    auto id = uid_of(node.find("id").text());
    auto use = use_of(node.find("use").text());
    auto state = node.find("state").text();
    auto created = node.find("created");
    auto check = from_base64(node.find("check").text()), wrapped = from_base64(node.find("wrapped").text());
    if (!id || !use || (state != kPrimary && state != kDecryptOnly) || !created.is(value::Kind::integer) || !check ||
        !wrapped)
        return damaged("a key entry is not complete");
    auto key = root.open_secret(place_of(*id, name_of(*use), state, created.integer()), *wrapped);
    if (!key || key->size() != 32) return damaged("a key does not open");
    crypto::AeadKey opened(*id, std::move(*key));
    if (!crypto::equal(opened.check_value(), *check)) return damaged("a key does not agree with its check value");
    return Entry{*use, state == kPrimary ? State::primary : State::decrypt_only,
                 Timestamp{Milliseconds{created.integer()}}, std::move(opened)};
}

Result<KeyRing> KeyRing::load(const std::filesystem::path& path, const Master& master) {
    auto read = [&]() -> Result<KeyRing> {
        TRY(auto bytes, read_key_file(path));
        auto file = value::parse_json(bytes.reveal());
        if (!file) return damaged("it is not JSON");
        auto top = file->root();
        if (auto format = top.find("format"); !format.is(value::Kind::integer) || format.integer() != kFormat)
            return fail(Fault::bad_config,
                        "the key ring has a format that this release does not read; it reads format 1");
        auto salt = from_base64(top.find("salt").text());
        if (!salt || salt->size() != 16) return damaged("its salt is not 16 bytes");
        TRY(auto root, master.root(*salt));
        if (uid_of(top.find("root").text()) != root.id())
            return fail(
                Fault::bad_config,
                "the master key (or passphrase) is not the one that sealed this key ring; give the one made with it");
        KeyRing ring;
        for (auto node : top.find("keys")) {
            TRY(auto entry, read_entry(node, root));
            if (ring.find(entry.key.id())) return damaged("a key id comes twice");
            ring.entries_.push_back(std::move(entry));
        }
        if (std::ranges::none_of(ring.entries_, [](const Entry& entry) { return entry.use == Use::backup; }))
            ring.entries_.push_back({Use::backup, State::primary, Timestamp{}, first_backup_key(root)});
        for (auto use : kUses) {
            auto primary = std::ranges::count_if(
                ring.entries_, [use](const Entry& entry) { return entry.use == use && entry.state == State::primary; });
            if (primary != 1) return damaged("there must be one primary key for " + std::string(name_of(use)));
        }
        return ring;
    };
    auto ring = read();
    if (!ring && ring.error().where.empty()) return pass(std::move(ring), path.string());
    return ring;
}

const crypto::AeadKey& KeyRing::primary(Use use) const {
    for (const auto& entry : entries_)
        if (entry.use == use && entry.state == State::primary) return entry.key;
    assert(!"a ring holds one primary key for each use");
    std::abort();
}

const crypto::AeadKey* KeyRing::find(const Uid& id) const {
    for (const auto& entry : entries_)
        if (entry.key.id() == id) return &entry.key;
    return nullptr;
}

}  // namespace tributary::vault
