#include "gateway/backup/folder.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

using namespace tributary;
using namespace tributary::backup;
using std::chrono::days;
using std::chrono::hours;

namespace {

struct BackupFolder {
    BackupFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "tributary-folder-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~BackupFolder() { std::filesystem::remove_all(path); }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
    }
    std::filesystem::path path;
};

File made(Kind kind, Timestamp created) {
    File file;
    file.manifest.kind = kind;
    file.manifest.created = created;
    file.path = std::string(name_of(kind)) + std::to_string(created.time_since_epoch().count());
    return file;
}

}  // namespace

TEST_CASE("a draft has its name only when it is whole", "[backup]") {
    BackupFolder folder;
    {
        auto draft = Draft::begin(folder.path, "one.data.backup");
        REQUIRE(draft);
        REQUIRE(draft->write("half"));
        CHECK(folder.files() == 1);
        CHECK_FALSE(std::filesystem::exists(folder.path / "one.data.backup"));
    }
    CHECK(folder.files() == 0);
    {
        auto draft = Draft::begin(folder.path, "one.data.backup");
        REQUIRE(draft->write("whole"));
        REQUIRE(draft->sync());
        REQUIRE(draft->name_it());
    }
    CHECK(folder.files() == 1);
    CHECK(std::filesystem::file_size(folder.path / "one.data.backup") == 5);
    CHECK((std::filesystem::status(folder.path / "one.data.backup").permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    // A name that is taken is not written over.
    auto second = Draft::begin(folder.path, "one.data.backup");
    REQUIRE(second->sync());
    CHECK_FALSE(second->name_it());
}

TEST_CASE("what a crash left goes, what is no backup is not listed, what is destroyed is gone", "[backup]") {
    BackupFolder folder;
    std::ofstream(folder.path / "half.data.backup.draft") << "half";
    std::filesystem::create_directories(folder.path / "drill.draft" / "deep");
    std::ofstream(folder.path / "noise.data.backup") << "noise";
    std::ofstream(folder.path / "other") << "other";
    remove_drafts(folder.path);
    CHECK(folder.files() == 2);
    CHECK(list_files(folder.path)->empty());
    CHECK(list_files(folder.path / "absent")->empty());
    REQUIRE(destroy_file(folder.path / "noise.data.backup"));
    CHECK(folder.files() == 1);
    CHECK_FALSE(destroy_file(folder.path / "noise.data.backup"));
}

TEST_CASE("data go after their time and keys after an epoch, of each the newest stays", "[backup]") {
    const Timestamp now{days{1000}};
    std::vector<File> files;
    for (const int age : {40, 34, 8, 6, 1})
        for (const auto kind : {Kind::data, Kind::keys}) files.push_back(made(kind, now - days{age}));
    const auto gone = [&](std::vector<File> all) {
        std::vector<std::pair<Kind, int>> out;
        for (const auto& file : overdue(all, now, days{35}, days{7}))
            out.emplace_back(file.manifest.kind, static_cast<int>((now - file.manifest.created) / hours{24}));
        return out;
    };
    CHECK(gone(files) ==
          std::vector<std::pair<Kind, int>>{{Kind::data, 40}, {Kind::keys, 40}, {Kind::keys, 34}, {Kind::keys, 8}});
    CHECK(gone({made(Kind::data, now - days{90}), made(Kind::keys, now - days{90})}).empty());
    CHECK(gone({}).empty());
}

TEST_CASE("names of files sort by time", "[backup]") {
    Manifest manifest;
    manifest.created = Timestamp{days{1}};
    CHECK(file_name(manifest) == "19700102T000000Z-00000000.data.backup");
}
