#include <fmt/format.h>

#include "gateway/watch/page.hpp"
#include "gateway/watch/reports.hpp"

namespace tributary::watch {
namespace {

constexpr std::size_t kShown = 30;

std::string words(value::Node row, std::string_view first, std::string_view second) {
    return fmt::format("{} {}", row.find(first).scalar_text(), row.find(second).scalar_text());
}

void freshness(Page& page, value::Node streams) {
    page.section("Freshness",
                 "Time since the newest sync of each stream began. Streams without one live by webhooks alone.");
    std::vector<Bar> bars;
    for (auto one : streams) {
        const auto age = one.find("age_seconds");
        if (!age) continue;
        const bool failed = !one.find("error").text().empty();
        bars.push_back({words(one, "connection", "stream"), static_cast<double>(age.integer()),
                        span_text(age.integer()) + (failed                       ? ", failed"
                                                    : one.find("late").boolean() ? ", late"
                                                                                 : ""),
                        failed || one.find("late").boolean()});
    }
    if (bars.empty()) return page.nothing("No sync ran yet.");
    page.bars("Time since the newest sync of each stream", bars);
}

void streams(Page& page, value::Node rows) {
    page.section("Records by stream");
    std::vector<std::vector<std::string>> cells;
    std::vector<Bar> bars;
    for (auto one : rows) {
        const auto mapped = one.find("mapped").integer(), bad = one.find("quarantined").integer();
        const auto share = mapped + bad > 0 ? 100.0 * static_cast<double>(bad) / static_cast<double>(mapped + bad) : 0;
        cells.push_back({words(one, "connection", "stream"), grouped(mapped), grouped(one.find("unchanged").integer()),
                         grouped(bad), fmt::format("{:.1f} %", share)});
        if (bad > 0) bars.push_back({cells.back()[0], share, fmt::format("{:.1f} %", share), share > 5});
    }
    if (cells.empty()) return page.nothing("Nothing came in yet.");
    page.table({{"stream", false}, {"mapped", true}, {"unchanged", true}, {"quarantined", true}, {"share", true}},
               cells);
    page.section("Quarantine", "Share of the records of each stream that did not fit the model.");
    if (bars.empty()) return page.nothing("Every record fitted.");
    page.bars("Share of records in quarantine, by stream", bars);
}

// Fields with a count, of drift or of issues.
void fields(Page& page, std::string_view title, std::string_view about, value::Node rows, std::string_view empty) {
    page.section(title, about);
    if (rows.size() == 0) return page.nothing(empty);
    std::vector<Bar> bars;
    std::vector<std::vector<std::string>> cells;
    for (auto one : rows) {
        const auto count = one.find("count").integer();
        if (bars.size() < kShown)
            bars.push_back({fmt::format("{} {}", one.find("path").text(), one.find("code").text()),
                            static_cast<double>(count), fmt::format("{} records", grouped(count)), false});
        cells.push_back({words(one, "connection", "stream"), one.find("path").scalar_text(),
                         one.find("code").scalar_text(), grouped(count),
                         std::string(one.find("last_at").text().substr(0, 10))});
    }
    page.bars(title, bars);
    page.table({{"stream", false}, {"field", false}, {"what", false}, {"records", true}, {"last", false}}, cells);
}

void letters(Page& page, value::Node figures) {
    page.section("Dead letters by cause", "Records that no retry will save: `tributary queue list` shows them.");
    const auto causes = figures.find("causes");
    if (causes.size() == 0) return page.nothing("There are none.");
    std::vector<Bar> bars;
    std::vector<std::vector<std::string>> cells;
    for (auto one : causes) {
        const auto count = one.find("letters").integer();
        bars.push_back(
            {one.find("cause").scalar_text(), static_cast<double>(count), grouped(count) + " letters", true});
        cells.push_back({one.find("stage").scalar_text(), one.find("place").scalar_text(),
                         one.find("cause").scalar_text(), grouped(count)});
    }
    page.bars("Dead letters, by cause", bars);
    page.table({{"stage", false}, {"from or to", false}, {"cause", false}, {"letters", true}}, cells);
    if (figures.find("causes_partial").boolean()) page.text("Only the first ten thousand letters were looked at.");
}

}  // namespace

std::string span_text(std::int64_t seconds) {
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 7200) return fmt::format("{} min", seconds / 60);
    return seconds < 48 * 3600 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} days", seconds / 86400);
}

std::string quality_page(value::Node figures) {
    const auto at = figures.find("at").text();
    Page page(fmt::format("Data quality of {}", figures.find("gateway").text()),
              fmt::format("Tributary, {} {} UTC. Counts since the store was made.", at.substr(0, 10),
                          at.size() > 16 ? at.substr(11, 5) : ""));
    page.section("At a glance");
    const auto dead = figures.find("dead_letters").integer();
    page.figure(grouped(figures.find("records").integer()), "source records");
    page.figure(grouped(figures.find("customers").integer()), "customers");
    page.figure(grouped(figures.at_path("duplicates.customers").integer()), "customers found in several records");
    page.figure(grouped(figures.at_path("duplicates.records").integer()), "records of those");
    page.figure(grouped(dead), "dead letters", dead > 0);
    freshness(page, figures.find("streams"));
    streams(page, figures.find("streams"));
    fields(page, "Issues by field", "Values that did not fit and were left out, or put a record into quarantine.",
           figures.find("issues"), "No field had an issue.");
    fields(page, "Drift", "Fields that a source never sent before, or sends in another type.", figures.find("drift"),
           "No source changed its form.");
    letters(page, figures);
    return page.html();
}

std::string quality_summary(value::Node figures) {
    return fmt::format("{} source records, {} customers, {} dead letters; {} fields with issues, {} with drift.",
                       grouped(figures.find("records").integer()), grouped(figures.find("customers").integer()),
                       grouped(figures.find("dead_letters").integer()), figures.find("issues").size(),
                       figures.find("drift").size());
}

}  // namespace tributary::watch
