// What a configuration is made of: its parts by name, each with a hash.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/app/catalogue.hpp"

namespace tributary::app {

using Parts = std::map<std::string, std::string, std::less<>>;

// Everything whose change an auditor asks about: "config" for gateway.yaml, "purposes", "mapping NAME", "connector
// NAME". Reads files.
Parts loaded_parts(const Catalogue& catalogue);

// What several gateways on one store must have alike to do the same with a record: the sections of gateway.yaml but
// those that each has of its own (addresses, store, keys, folders, threads), and the files that they name. Reads files.
Parts shared_parts(const Catalogue& catalogue);

// A hash of each section of a gateway.yaml as it is written, comments and the values of ${env:...} left out.
Parts section_parts(const spec::Yaml& root);

// Names a set of parts, in 16 characters.
std::string digest_of(const Parts& parts);
// The names of those that one of two has not, or has otherwise.
std::vector<std::string> differences(const Parts& a, const Parts& b);

// As they travel through the store, and back; bad_input when that is none.
std::string parts_text(const Parts& parts);
Result<Parts> parts_of(std::string_view text);

}  // namespace tributary::app
