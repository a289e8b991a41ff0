// Library: a plug-in's shared library, loaded and asked for its table (plugins/sdk/tributary_plugin.h). It stays loaded
// for the life of the process: a call that hangs still runs in it.
//
// Only a file that a connector.yaml names is ever loaded, and only when nobody but its owner's group can write it or
// its folder.
#pragma once

#include <filesystem>

#include "gateway/base/result.hpp"
#include "plugins/sdk/tributary_plugin.h"

namespace tributary::connector::native {

class Library {
  public:
    // bad_config: it is not there, everybody may write it, it is no library, has no entry, or was built for another ABI
    // version (both are named). refused: never.
    static Result<Library> load(const std::filesystem::path& file);
    // What can be told without running any of its code: it is there, nobody else may write it, it is a library.
    static Result<void> check(const std::filesystem::path& file);
    const tributary_plugin& table() const { return *table_; }

  private:
    explicit Library(const tributary_plugin* table) : table_(table) {}
    const tributary_plugin* table_;
};

// The bytes of an answer, which is released.
std::string take(const tributary_plugin& table, tributary_answer& answer);

}  // namespace tributary::connector::native
