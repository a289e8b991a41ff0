// ReportSchedule: writes the reports of the configuration when they are due, and has them mailed.
#pragma once

#include <stop_token>

#include "gateway/app/config_watch.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"

namespace tributary::app {

class Gateway;

// Waits for the schedule's next time, from the newest report on, which a restart does not forget; one that fell due
// while nothing ran is written at the start. A report that cannot be written is logged and tried again in ten minutes.
run::Task<> write_reports(Gateway& gateway, const ReportConfig& config, std::stop_token stop);

// FOLDER/NAME-2026-01-05T0600.html, made whole or not at all. Returns its path.
Result<std::filesystem::path> write_report_file(const std::filesystem::path& folder, const std::string& name,
                                                Timestamp at, std::string_view html);
// The file itself, made whole or not at all.
Result<void> write_whole(const std::filesystem::path& file, std::string_view text);

}  // namespace tributary::app
