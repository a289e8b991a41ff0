// AccessPack: everything that is held about a person, as they may ask for it (GDPR 15 and 20, PIPL 45): the data with
// their sources, who got them and why, how long they are kept, what was agreed to, and why records count as theirs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/subject_request.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/value/document.hpp"
#include "gateway/value/pack.hpp"

namespace tributary::flow {

// How long what is kept, for the pack to say: "dead letters" -> "30d".
using RetentionNotes = std::vector<std::pair<std::string, std::string>>;

// Opens what is sealed; what does not open any more is listed without its content. Blocks.
Result<value::Document> gather_access(World& world, const consent::SubjectRequest& request,
                                      const RetentionNotes& retention);

// Pure renderings of what was gathered.
std::string access_csv(value::Node pack);   // one row for each value: section, place, field, value
std::string access_html(value::Node pack);  // one page that needs nothing else
std::map<std::string, std::uint64_t> access_counts(value::Node pack);
// For people: all three. For portability: what other programs read.
std::vector<value::PackedFile> access_files(consent::RequestKind kind, value::Node pack);

}  // namespace tributary::flow
