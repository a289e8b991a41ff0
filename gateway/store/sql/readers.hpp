// Readers: connections that only read, for callers of any thread. Each read gets one to itself; a few stay open.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/store/sql/session_tables.hpp"

namespace tributary::store {

class Readers {
  public:
    using Open = std::function<Result<std::unique_ptr<Connection>>()>;
    // `open` is called from any thread.
    Readers(Open open, DeadLetterLimits letters, std::size_t keep);
    ~Readers();
    // `broken` is set when the store proved damaged.
    Result<void> read(const std::function<Result<void>(ReadSession&)>& read, bool& broken);

  private:
    struct Reader;
    Result<std::unique_ptr<Reader>> take();
    void give_back(std::unique_ptr<Reader> reader);

    const Open open_;
    const DeadLetterLimits letters_;
    const std::size_t keep_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Reader>> idle_;
};

}  // namespace tributary::store
