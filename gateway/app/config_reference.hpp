// The generated files of config/: JSON Schemas for editors and the Markdown reference, from the descriptions of the
// types.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/spec/shape.hpp"

namespace tributary::app {

// One kind of file that users write.
struct ConfigFileKind {
    std::string name;  // of its schema
    std::string file;  // where it lies
    std::string about;
    const spec::Shape& shape;  // static lifetime
};
std::vector<ConfigFileKind> config_file_kinds();

// Path below config/ and text: "schema/gateway.json", "schema/purposes.json", ..., "reference.md".
std::vector<std::pair<std::string, std::string>> generated_config_files();

// Writes them below `folder`, which is made when missing. Fault::bad_config names a file that cannot be written.
Result<void> export_config_files(const std::filesystem::path& folder);

}  // namespace tributary::app
