// Session: the database of a connection, for one call at a time. SQLite is opened for each call, so a file that was
// replaced is noticed; the others stay connected. Threads: any; callers wait for each other.
#pragma once

#include <memory>
#include <mutex>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql_settings.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::sql {

class Session {
  public:
    // REQUIRES: `settings` outlives this.
    Session(const SqlSettings& settings, connector::CredentialReader credential, Access access)
        : settings_(settings), credential_(std::move(credential)), access_(access) {}

    // f(Database&) -> Result<T>. Blocks: on the blocking pool only.
    template <class F>
    auto with(F f) -> std::invoke_result_t<F&, Database&> {
        const std::scoped_lock lock(mutex_);
        if (auto opened = open(); !opened) return pass(std::move(opened));
        auto result = f(*database_);
        if (settings_.engine == Engine::sqlite) database_.reset();
        return result;
    }

  private:
    Result<void> open();

    const SqlSettings& settings_;
    connector::CredentialReader credential_;
    Access access_;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
};

}  // namespace tributary::connectors::sql
