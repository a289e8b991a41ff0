// FileCursor: how far each file of a stream has been read, as the cursor's JSON. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/data/file/record_reader.hpp"

namespace tributary::connectors::file {

struct FileState {
    Position position;
    std::string print;  // of the bytes before the position: tells a file that grew from one that was written anew
    // The file as it was when its end was reached; nullopt: there is more to read.
    std::optional<FileStat> complete;
};

struct FileCursor {
    std::map<std::string, FileState> files;  // by name

    // bad_config when it is not what write() wrote.
    static Result<FileCursor> read(std::string_view json);
    std::string write() const;
};

}  // namespace tributary::connectors::file
