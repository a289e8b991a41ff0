#include "gateway/vault/key_ring.hpp"

#include <fcntl.h>

#include <set>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "tests/unit/vault/fixture.hpp"

using namespace tributary;
using namespace tributary::vault;
using std::filesystem::perms;

TEST_CASE("a ring loads with the master that made it", "[vault]") {
    Keys keys;
    auto loaded = KeyRing::load(keys.ring_file, Master::from_file(keys.master_file).value());
    REQUIRE(loaded);
    std::set<Uid> ids;
    for (auto use :
         {Use::cred, Use::subject, Use::blind_index, Use::suppression, Use::audit, Use::backup, Use::analytics}) {
        CHECK(loaded->primary(use)->key().reveal() == keys.ring.primary(use)->key().reveal());
        CHECK(loaded->find(keys.ring.primary(use)->id()) == loaded->primary(use));
        ids.insert(loaded->primary(use)->id());
    }
    CHECK(ids.size() == 7);
    CHECK(loaded->find(Uid{}) == nullptr);
    CHECK((std::filesystem::status(keys.ring_file).permissions() & perms::mask) ==
          (perms::owner_read | perms::owner_write));
    CHECK((std::filesystem::status(keys.master_file).permissions() & perms::mask) == perms::owner_read);
}

TEST_CASE("a ring made before there were backups has a key for them, the same at each start", "[vault]") {
    Keys keys;
    auto text = slurp(keys.ring_file);
    const auto begin = text.rfind('{', text.find("\"use\": \"backup\"")), end = text.find('}', begin) + 1;
    const auto comma = text.rfind(',', begin);
    text.erase(comma, end - comma);
    rewrite(keys.ring_file, text);
    const auto master = Master::from_file(keys.master_file).value();
    const auto first = KeyRing::load(keys.ring_file, master), again = KeyRing::load(keys.ring_file, master);
    REQUIRE(first);
    CHECK(first->primary(Use::backup)->id() == again->primary(Use::backup)->id());
    CHECK(first->primary(Use::backup)->key().reveal() == again->primary(Use::backup)->key().reveal());
    CHECK(first->find(first->primary(Use::backup)->id()) == first->primary(Use::backup));
    CHECK_FALSE(first->primary(Use::backup)->id() == keys.ring.primary(Use::backup)->id());
    CHECK(first->primary(Use::audit)->id() == keys.ring.primary(Use::audit)->id());
}

TEST_CASE("another master key is named as the cause, and shows no key", "[vault]") {
    Keys keys;
    auto other_file = keys.folder.path / "other.key";
    REQUIRE(create_master_file(other_file, keys.random));
    auto loaded = KeyRing::load(keys.ring_file, Master::from_file(other_file).value());
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().fault == Fault::bad_config);
    CHECK(loaded.error().text().contains("is not the one that sealed this key ring"));
    CHECK(loaded.error().text().contains("ring.json"));
    CHECK_FALSE(loaded.error().text().contains(trim(slurp(keys.master_file))));
}

TEST_CASE("nothing is made or overwritten silently", "[vault]") {
    Keys keys;
    CHECK(Master::from_file(keys.folder.path / "absent.key").error().fault == Fault::not_found);
    CHECK_FALSE(std::filesystem::exists(keys.folder.path / "absent.key"));
    auto before = slurp(keys.master_file);
    CHECK(create_master_file(keys.master_file, keys.random).error().fault == Fault::conflict);
    CHECK(slurp(keys.master_file) == before);
    auto master = Master::from_file(keys.master_file).value();
    CHECK(KeyRing::create(keys.ring_file, master, keys.random, keys.clock).error().fault == Fault::conflict);
    CHECK(KeyRing::load(keys.folder.path / "absent.json", master).error().fault == Fault::not_found);
    for (const auto& entry : std::filesystem::directory_iterator(keys.folder.path))
        CHECK_FALSE(entry.path().string().contains(".new."));
}

TEST_CASE("a master key that others may read is refused", "[vault]") {
    Keys keys;
    for (auto mode : {0440, 0404, 0644, 0700, 0660}) {
        std::filesystem::permissions(keys.master_file, static_cast<perms>(mode));
        auto read = Master::from_file(keys.master_file);
        REQUIRE_FALSE(read);
        CHECK(read.error().text().contains("mode 0400 or 0600"));
    }
    std::filesystem::permissions(keys.master_file, static_cast<perms>(0600));
    CHECK(Master::from_file(keys.master_file));
    for (auto bad : {"", "short", "AAAA", "\x01\x02"}) {
        rewrite(keys.master_file, bad);
        CHECK(Master::from_file(keys.master_file).error().text().contains("32 bytes in base64"));
    }
    CHECK(Master::from_file(keys.folder.path).error().text().contains("regular file"));
}

TEST_CASE("a descriptor and a passphrase open a ring too", "[vault]") {
    Keys keys;
    int descriptor = ::open(keys.master_file.c_str(), O_RDONLY);
    auto inherited = Master::from_descriptor(descriptor);
    REQUIRE(inherited);
    CHECK(KeyRing::load(keys.ring_file, *inherited));
    CHECK(::fcntl(descriptor, F_GETFD) == -1);

    auto phrase = [](std::string_view text) { return Master::from_passphrase(crypto::SecretBytes(text)); };
    auto path = keys.folder.path / "phrase.json";
    REQUIRE(KeyRing::create(path, phrase("correct horse battery").value(), keys.random, keys.clock));
    CHECK(KeyRing::load(path, phrase("correct horse battery").value()));
    CHECK(KeyRing::load(path, phrase("correct horse batterx").value()).error().fault == Fault::bad_config);
    CHECK(phrase("too short").error().fault == Fault::bad_config);
}

TEST_CASE("a ring that was edited does not load", "[vault]") {
    Keys keys;
    auto master = Master::from_file(keys.master_file).value();
    auto text = slurp(keys.ring_file);
    auto edits = {std::pair{"\"use\": \"cred\"", "\"use\": \"audit\""},
                  std::pair{"\"state\": \"primary\"", "\"state\": \"decrypt_only\""},
                  std::pair{"\"format\": 2", "\"format\": 3"},
                  std::pair{"\"format\": 2", "\"format\": 1"},
                  std::pair{"\"use\": \"subject\"", "\"use\": \"\""},
                  std::pair{"{", ""}};
    for (auto [from, to] : edits) {
        REQUIRE(text.contains(from));
        auto edited = text;
        edited.replace(edited.find(from), std::string_view(from).size(), to);
        rewrite(keys.ring_file, edited);
        auto loaded = KeyRing::load(keys.ring_file, master);
        REQUIRE_FALSE(loaded);
        CHECK(loaded.error().fault == Fault::bad_config);
    }
    rewrite(keys.ring_file, text);
    CHECK(KeyRing::load(keys.ring_file, master));
}
