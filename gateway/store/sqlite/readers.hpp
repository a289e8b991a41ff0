// Readers: read-only connections for callers of any thread. Each read gets one to itself; a few stay open.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/store/sqlite/sqlite_session.hpp"

namespace tributary::store {

class Readers {
  public:
    Readers(std::filesystem::path path, DeadLetterLimits letters, std::size_t keep);
    ~Readers();
    // `broken` is set when the file proved damaged.
    Result<void> read(const std::function<Result<void>(ReadSession&)>& read, bool& broken);

  private:
    struct Reader;
    Result<std::unique_ptr<Reader>> take();
    void give_back(std::unique_ptr<Reader> reader);

    const std::filesystem::path path_;
    const DeadLetterLimits letters_;
    const std::size_t keep_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Reader>> idle_;
};

}  // namespace tributary::store
