// DriftWatch: what each stream's records look like, over the life of the process; new fields and kinds become counts
// that operators see. A restart learns anew what is normal: the counts stay in the store.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/mapping/drift.hpp"
#include "gateway/store/quality.hpp"

namespace tributary::flow {

// Safe from several threads.
class DriftWatch {
  public:
    void observe(const std::string& connection, const std::string& stream, value::Node record, Timestamp now);
    // What was found since the last call, for the store.
    std::vector<store::QualityCount> take_new(const std::string& connection, const std::string& stream, Timestamp now);

  private:
    struct Watched {
        mapping::Drift drift;
        std::map<std::pair<std::string, std::string>, std::uint64_t> told;  // (path, code) -> count handed out
    };
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Watched> streams_;
};

}  // namespace tributary::flow
