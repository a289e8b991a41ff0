// AnalyticsExport: records of one entity as rows for reports (E10), of people for whom the decision table allows the
// purpose, and without what names them: personal columns are a keyed hash or a quasi-identifier, class P3 never goes.
// Rows whose quasi-identifiers fit fewer than k people are left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/record/generalise.hpp"

namespace tributary::flow {

struct ExportColumn {
    std::string name;
    std::string from;  // a path in the canonical record, such as addresses[0].country; `person`: whom the row is about
    record::Generalisation as = {};
    bool pseudonym = false;  // a keyed hash of the value; the same value is the same hash, in this export alone
    bool quasi = false;      // counts for k: what others could know of a person
};

struct AnalyticsExport {
    std::string name, entity, purpose;
    bool anonymous = false;  // no column may single a person out, not even by a hash
    std::size_t k = 5;
    std::vector<ExportColumn> columns;
};

struct ExportFlaw {
    std::string column, what;
};
// What of it does not keep people apart from their data, by the classes of the model. REQUIRES: the entity is known.
std::vector<ExportFlaw> check_export(const AnalyticsExport& wanted, const record::Model& model);

struct ExportCounts {
    std::uint64_t rows = 0;        // written
    std::uint64_t suppressed = 0;  // left out: their group is smaller than k
    std::uint64_t groups = 0, small_groups = 0;
    std::map<std::string, std::uint64_t> denied;  // left out by consent: reason -> records
};

// Writes NDJSON to `file` (mode 0600), which appears when it is complete. transient: consent cannot be decided now.
// Blocks for as long as reading all records takes.
Result<ExportCounts> write_export(World& world, const AnalyticsExport& wanted, const std::filesystem::path& file);

}  // namespace tributary::flow
