#include "gateway/vault/ring_file.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/value/json.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::vault {
namespace {

// Format 1 knew the states primary and decrypt_only and no date of the change.
constexpr std::int64_t kFormat = 2;
constexpr std::array kStates{KeyState::pre_active, KeyState::primary, KeyState::decrypt_only, KeyState::destroyed};
using FindRoot = std::function<Result<Root>(RootRecord)>;

std::unexpected<Error> damaged(std::string_view what) {
    return fail(Fault::bad_config, "the key ring is damaged: " + std::string(what) + "; restore it from its backup");
}

std::optional<Uid> uid_of(std::string_view hex) {
    auto raw = from_hex(hex);
    if (!raw || raw->size() != 16) return std::nullopt;
    return Uid::from_bytes(std::span<const std::uint8_t, 16>(reinterpret_cast<const std::uint8_t*>(raw->data()), 16));
}

std::int64_t milliseconds(Timestamp at) {
    return at.time_since_epoch().count();
}

crypto::Place place_of(const RingKey& key, std::int64_t format) {
    crypto::Place place{"key_ring", key.id.view(), name_of(key.use), name_of(key.state),
                        std::to_string(milliseconds(key.created))};
    if (format > 1) place.add(std::to_string(milliseconds(key.changed)));
    return place;
}

Result<RingKey> read_key(const value::Node& node, const crypto::AeadKey& root, std::int64_t format) {
    RingKey key;
    auto id = uid_of(node.find("id").text());
    auto use = use_named(node.find("use").text());
    const auto* state = std::ranges::find(kStates, node.find("state").text(), [](auto each) { return name_of(each); });
    auto created = node.find("created"), changed = format > 1 ? node.find("changed") : created;
    auto check = from_base64(node.find("check").text()), wrapped = from_base64(node.find("wrapped").text());
    if (!id || !use || state == kStates.end() || !created.is(value::Kind::integer) ||
        !changed.is(value::Kind::integer) || !check || !wrapped)
        return damaged("a key entry is not complete");
    key.id = *id;
    key.use = *use;
    key.state = *state;
    key.created = Timestamp{Milliseconds{created.integer()}};
    key.changed = Timestamp{Milliseconds{changed.integer()}};
    auto opened = root.open_secret(place_of(key, format), *wrapped);
    const bool gone = key.state == KeyState::destroyed;
    if (!opened || opened->size() != (gone ? 0 : 32)) return damaged("a key does not open");
    if (gone) return key;
    key.key = std::make_shared<const crypto::AeadKey>(key.id, std::move(*opened));
    if (!crypto::equal(key.key->check_value(), *check)) return damaged("a key does not agree with its check value");
    return key;
}

// Rings that were made before there were backups or exports hold no key for them. Theirs follows from the root, so that
// it is the same at each start, and it is written like any other key when the ring is written anew.
RingKey first_key(Use use, const crypto::AeadKey& root) {
    const auto derived = [&](std::string_view what) {
        return crypto::hkdf_sha256(root.key().reveal(), "",
                                   "tributary first " + std::string(name_of(use)) + " " + std::string(what));
    };
    const auto name = derived("id");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.reveal().data());
    const auto id = Uid::from_bytes(std::span<const std::uint8_t, 16>(bytes, 16));
    return {id, use, KeyState::primary, {}, {}, std::make_shared<const crypto::AeadKey>(id, derived("key"))};
}

Result<RingFile> parse_ring(std::string_view text, const FindRoot& find_root) {
    auto file = value::parse_json(text);
    if (!file) return damaged("it is not JSON");
    auto top = file->root();
    auto format = top.find("format");
    if (!format.is(value::Kind::integer) || format.integer() < 1 || format.integer() > kFormat)
        return fail(Fault::bad_config,
                    "the key ring has a format that this release does not read; it reads formats 1 and 2");
    auto salt = from_base64(top.find("salt").text());
    if (!salt || salt->size() != 16) return damaged("its salt is not 16 bytes");
    auto wrapped = from_base64(top.find("wrapped_root").text());
    if (!wrapped) return damaged("its wrapped root is not base64");
    RingFile ring;
    TRY(ring.root, find_root({std::move(*salt), {std::string(top.find("kms_key").text()), std::move(*wrapped)}}));
    if (uid_of(top.find("root").text()) != ring.root.key->id())
        return fail(
            Fault::bad_config,
            "the master key (or passphrase) is not the one that sealed this key ring; give the one made with it");
    for (auto node : top.find("keys")) {
        TRY(auto key, read_key(node, *ring.root.key, format.integer()));
        if (ring.find(key.id)) return damaged("a key id comes twice");
        ring.keys.push_back(std::move(key));
    }
    for (const auto use : {Use::backup, Use::analytics})
        if (std::ranges::none_of(ring.keys, [use](const RingKey& key) { return key.use == use; }))
            ring.keys.push_back(first_key(use, *ring.root.key));
    for (auto use : kUses)
        if (std::ranges::count_if(
                ring.keys, [use](const RingKey& key) { return key.use == use && key.state == KeyState::primary; }) != 1)
            return damaged("there must be one primary key for " + std::string(name_of(use)));
    return ring;
}

Result<RingFile> read_with(const std::filesystem::path& path, const FindRoot& find_root) {
    auto read = [&]() -> Result<RingFile> {
        TRY(auto bytes, read_key_file(path));
        return parse_ring(bytes.reveal(), find_root);
    };
    const auto mark = file_mark(path);
    auto ring = read();
    // It was replaced between opening and reading, which overwrites what the name led to before.
    if (!ring && file_mark(path) != mark) ring = read();
    if (!ring && ring.error().where.empty()) return pass(std::move(ring), path.string());
    return ring;
}

std::string print_ring(const RingFile& ring, crypto::Random& random) {
    value::Builder file;
    file.begin_object().key("format").integer(kFormat).key("salt").text(to_base64(ring.root.record.salt));
    if (const auto& wrapped = ring.root.record.wrapped; !wrapped.bytes.empty())
        file.key("kms_key").text(wrapped.key_id).key("wrapped_root").text(to_base64(wrapped.bytes));
    file.key("root").text(to_hex(ring.root.key->id().view())).key("keys").begin_array();
    for (const auto& key : ring.keys) {
        auto plain = key.key ? key.key->key().reveal() : std::string_view();
        auto wrapped = ring.root.key->seal(place_of(key, kFormat), plain, random);
        file.begin_object().key("id").text(to_hex(key.id.view())).key("use").text(name_of(key.use));
        file.key("state").text(name_of(key.state)).key("created").integer(milliseconds(key.created));
        file.key("changed").integer(milliseconds(key.changed));
        file.key("check").text(key.key ? to_base64(key.key->check_value()) : "");
        file.key("wrapped").text(to_base64(wrapped)).end();
    }
    file.end().end();
    return value::to_pretty_json(file.take().root()) + "\n";
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
        case Use::analytics:
            return "analytics";
    }
    return "unknown";
}

Result<Use> use_named(std::string_view name) {
    for (auto use : kUses)
        if (name_of(use) == name) return use;
    return fail(Fault::bad_input, "a key is for cred, subject, blind_index, suppression, audit, backup or analytics",
                std::string(name));
}

std::string_view name_of(KeyState state) {
    switch (state) {
        case KeyState::pre_active:
            return "pre_active";
        case KeyState::primary:
            return "primary";
        case KeyState::decrypt_only:
            return "decrypt_only";
        case KeyState::destroyed:
            return "destroyed";
    }
    return "unknown";
}

RingKey* RingFile::find(const Uid& id) {
    auto at = std::ranges::find(keys, id, &RingKey::id);
    return at == keys.end() ? nullptr : &*at;
}

const RingKey* RingFile::primary(Use use) const {
    for (const auto& key : keys)
        if (key.use == use && key.state == KeyState::primary) return &key;
    return nullptr;
}

Result<RingFile> read_ring(const std::filesystem::path& path, const Master& master) {
    return read_with(path, [&](RootRecord record) { return master.open_root(std::move(record)); });
}

Result<RingFile> read_ring(const std::filesystem::path& path, const Root& root) {
    return read_with(path, [&](const RootRecord& record) -> Result<Root> {
        if (record == root.record) return root;
        return fail(Fault::conflict,
                    "the key ring was sealed with another master meanwhile: start again with that one");
    });
}

Result<void> write_new_ring(const std::filesystem::path& path, const RingFile& ring, crypto::Random& random) {
    return write_new_file(path, print_ring(ring, random), 0600);
}

Result<void> replace_ring(const std::filesystem::path& path, const RingFile& ring, crypto::Random& random) {
    return replace_file(path, print_ring(ring, random), 0600);
}

}  // namespace tributary::vault
