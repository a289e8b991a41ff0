#include "gateway/watch/incident.hpp"

#include <fmt/format.h>

#include "gateway/base/visible_text.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::watch {
namespace {

std::string minute(Timestamp at) {
    const auto text = record::timestamp_text(at);
    return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

// A cell of a Markdown table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : visible_text(text)) {
        if (c == '|' || c == '`' || c == '<') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

std::string incident_text(const Incident& incident) {
    using std::chrono::hours;
    std::string out = fmt::format("# Incident: alert {} of {}\n\n", incident.alert, cell(incident.gateway));
    out += "| | |\n|---|---|\n";
    const auto row = [&](std::string_view name, const std::string& value) {
        out += fmt::format("| {} | {} |\n", name, value);
    };
    row("rule", incident.rule + " (docs/runbook.md#" + incident.rule + ")");
    row("subject", incident.subject.empty() ? "the gateway" : cell(incident.subject));
    row("severity", incident.severity);
    row("what", cell(incident.what));
    row("first seen", minute(incident.opened_at));
    row("last seen", minute(incident.last_at));
    row("times", std::to_string(incident.times));
    row("notify the authority by", minute(incident.opened_at + hours(72)) +
                                       " (GDPR Art. 33: 72 h after somebody knew); at once under PIPL Art. 57");
    out +=
        fmt::format("\n## Who is affected\n\nThe disclosure ledger names {} data subjects for {} from {} to {}.\n",
                    incident.subjects, incident.destination.empty() ? "all destinations" : cell(incident.destination),
                    minute(incident.from), minute(incident.until));
    if (incident.told.empty()) {
        out += "Nothing was disclosed in that time.\n";
    } else {
        out += "\n| destination | purpose | subjects |\n|---|---|---:|\n";
        for (const auto& one : incident.told)
            out += fmt::format("| {} | {} | {} |\n", cell(one.destination), cell(one.purpose), one.subjects);
    }
    out +=
        "\nThe ledger knows what the gateway told others. Rows that somebody read here are in the audit trail: "
        "`tributary audit export`.\n\n"
        "## To be filled in\n\n"
        "- [ ] What happened, and how it was found:\n"
        "- [ ] Categories of data and of data subjects:\n"
        "- [ ] Likely consequences:\n"
        "- [ ] What was done against it, and when:\n"
        "- [ ] Contact (data protection officer):\n"
        "- [ ] Authority told on:\n"
        "- [ ] Data subjects told on (GDPR Art. 34: when the risk is high), or why not:\n"
        "- [ ] Evidence kept: audit export with its checkpoint, logs, this page:\n"
        "- [ ] Acknowledged with `tributary alerts ack " +
        std::to_string(incident.alert) + " --note TEXT`:\n";
    return out;
}

}  // namespace tributary::watch
