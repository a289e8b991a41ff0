// ExportForm: the audit trail as other programs take it: NDJSON, which `audit verify` checks; CSV for people; CEF
// (ArcSight's Common Event Format, revision 25) for a SIEM.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/audit/trail.hpp"
#include "gateway/base/result.hpp"

namespace tributary::audit {

enum class ExportForm : std::uint8_t { ndjson, csv, cef };
// bad_input names the forms.
Result<ExportForm> export_form_named(std::string_view name);

// What stands before the first entry; empty but for CSV.
std::string export_header(ExportForm form);
// One entry with its line end. bad_input: the entry is no JSON object (NDJSON takes it as it is).
Result<std::string> export_entry(ExportForm form, const Entry& entry);

}  // namespace tributary::audit
