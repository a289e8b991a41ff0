// Marks: small facts that outlive a restart, each by its name: how far the watch has read, when the audit trail was
// verified, which connections an operator paused. Never a personal value.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gateway/base/result.hpp"

namespace tributary::store {

class MarksView {
  public:
    virtual ~MarksView() = default;
    virtual Result<std::optional<std::string>> get(const std::string& name) = 0;
    virtual Result<std::map<std::string, std::string>> with_prefix(const std::string& prefix) = 0;
};

class Marks : public virtual MarksView {
  public:
    virtual Result<void> put(const std::string& name, const std::string& value) = 0;
    virtual Result<void> remove(const std::string& name) = 0;
};

}  // namespace tributary::store
