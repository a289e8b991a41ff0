// Journal: which idempotency keys a file already holds, in a file beside it (<file>.journal).
//
// A batch is applied in three steps: intent(keys, offset, bytes) is made durable, the bytes are appended to the file
// and made durable, done(). After a crash the last intent is compared with the file: bytes that are all there were
// applied; anything else is cut off, and the batch will come again. So each record stands in the file exactly once. The
// file must have no other writer; a lock on the journal keeps other gateways away. The last kRemembered keys are known,
// many more than the engine sends again.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "connectors/data/file/file_handle.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::connectors::file {

class Journal {
  public:
    static constexpr std::size_t kRemembered = 100'000;

    // Puts `file` right after a crash. bad_config when another writer holds it.
    static Result<Journal> open(const std::filesystem::path& file_path, FileHandle& file);

    bool knows(std::string_view key) const { return known_.contains(id_of(key)); }
    Result<void> intent(const std::vector<std::string>& keys, std::uint64_t offset, std::string_view bytes);
    // REQUIRES: the intent's bytes are durable. Not durable itself: the file tells.
    Result<void> done(const std::vector<std::string>& keys);

  private:
    struct Pending {
        std::vector<Uid> keys;
        std::uint64_t offset = 0, size = 0;
        std::string print;
    };
    Journal(std::filesystem::path path, FileHandle handle) : path_(std::move(path)), handle_(std::move(handle)) {}

    static Uid id_of(std::string_view key);
    Result<void> load(FileHandle& file);
    std::optional<Pending> replay(std::string_view text);
    Result<void> compact();
    void remember(const Uid& id);

    std::filesystem::path path_;
    FileHandle handle_;
    std::deque<Uid> order_;
    std::unordered_set<Uid> known_;
    std::size_t written_ = 0;  // keys in the journal file
};

}  // namespace tributary::connectors::file
