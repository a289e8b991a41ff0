#include "gateway/app/report_schedule.hpp"

#include <algorithm>
#include <fstream>

#include "gateway/app/gateway.hpp"
#include "gateway/app/report_figures.hpp"
#include "gateway/flow/alert_notifier.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/duty.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/due_time.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using namespace std::chrono_literals;
// A clock that is set is noticed after so long.
constexpr Milliseconds kLongestNap = 1min, kAgain = 10min;
// Until the gateway that is writing it has.
constexpr Milliseconds kElsewhere = 5s;

struct Made {
    std::filesystem::path file;
    std::string summary;
};

std::string mark_of(const ReportConfig& config) {
    return "report." + config.name;
}

Result<Timestamp> newest(Gateway& gateway, const ReportConfig& config) {
    std::optional<std::string> mark;
    CHECK_OK(gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(mark, session.marks().get(mark_of(config)));
        return {};
    }));
    const auto at = mark ? record::parse_timestamp(*mark) : std::nullopt;
    if (at) return *at;
    const auto now = gateway.foundation().clock.now();
    // The first one waits for its time.
    CHECK_OK(gateway.foundation().store->write(
        [&](store::Session& session) { return session.marks().put(mark_of(config), record::timestamp_text(now)); }));
    return now;
}

Result<std::optional<Made>> make_unless_newer(Timestamp last, Gateway& gateway, const ReportConfig& config) {
    TRY(const auto written, newest(gateway, config));
    if (written > last) return std::nullopt;
    TRY(const auto report, make_report(gateway, config.report));
    const auto now = gateway.foundation().clock.now();
    TRY(auto file, write_report_file(config.folder, config.name, now, report.html));
    const auto entry = flow::audit_entry(gateway.foundation().clock, "system", "gateway", "report.write",
                                         {{"report", std::string(name_of(config.report))}, {"name", config.name}});
    CHECK_OK(gateway.foundation().store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.marks().put(mark_of(config), record::timestamp_text(now)));
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    return Made{std::move(file), report.summary};
}

// nullopt: another gateway wrote it, or is at it.
Result<std::optional<Made>> make(Gateway& gateway, const ReportConfig& config, flow::Duty& duty, Timestamp last) {
    TRY(const bool mine, duty.begin());
    if (!mine) return std::nullopt;
    auto made = make_unless_newer(last, gateway, config);
    if (auto ended = duty.end(); !ended)
        gateway.log().error("the turn to write a report was not given back", ended.error(), {{"report", config.name}});
    return made;
}

value::Document mail_of(Gateway& gateway, const ReportConfig& config, const Made& made) {
    value::Builder out;
    out.begin_object().key("type").text("report").key("gateway").text(gateway.catalogue().config.gateway.name);
    out.key("name").text(config.name).key("report").text(name_of(config.report));
    out.key("title").text(std::string(name_of(config.report)) + " report " + config.name);
    out.key("what").text(made.summary).key("file").text(made.file.string()).end();
    return out.take();
}

}  // namespace

Result<void> write_whole(const std::filesystem::path& file, std::string_view text) {
    auto fresh = file;
    fresh += ".part";
    {
        std::ofstream out(fresh, std::ios::binary);
        out << text << std::flush;
        if (!out) return fail(Fault::bad_input, "this file cannot be written", file.string());
    }
    std::error_code failed;
    std::filesystem::rename(fresh, file, failed);
    if (failed) return fail(Fault::bad_input, "this file cannot be written: " + failed.message(), file.string());
    return {};
}

Result<std::filesystem::path> write_report_file(const std::filesystem::path& folder, const std::string& name,
                                                Timestamp at, std::string_view html) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return fail(Fault::bad_config, "this folder cannot be made: " + failed.message(), folder.string());
    auto when = record::timestamp_text(at).substr(0, 16);
    std::erase(when, ':');
    auto file = folder / (name + "-" + when + ".html");
    CHECK_OK(write_whole(file, html));
    return file;
}

run::Task<> write_reports(Gateway& gateway, const ReportConfig& config, std::stop_token stop) {
    auto& world = gateway.world();
    run::DueTime time(*config.schedule);
    flow::Duty duty(world, "report." + config.name);
    while (!stop.stop_requested()) {
        auto last = co_await run::on(world.pool, [&] { return newest(gateway, config); });
        if (!last) {
            world.log.error("a report has no place in the store", last.error(), {{"report", config.name}});
            if (!co_await world.timers.sleep_for(kAgain, stop)) co_return;
            continue;
        }
        auto left = [&] {
            const auto now = world.clock.now();
            return time.next(*last, now) - now;
        };
        for (auto nap = left(); nap > 0ms; nap = left())
            if (!co_await world.timers.sleep_for(std::min<Milliseconds>(nap, kLongestNap), stop)) co_return;
        auto made = co_await run::on(world.pool, [&] { return make(gateway, config, duty, *last); });
        if (made && !*made) {
            if (!co_await world.timers.sleep_for(kElsewhere, stop)) co_return;
            continue;
        }
        Result<void> sent;
        if (made) world.log.info("report written", {{"report", config.name}, {"file", (*made)->file.string()}});
        if (made && config.mail)
            sent = co_await flow::send_mail(world, {*config.mail->connection, config.mail->action},
                                            mail_of(gateway, config, **made), (*made)->file.filename().string());
        if (!sent) world.log.error("a report was not mailed", sent.error(), {{"report", config.name}});
        if (made) continue;
        world.log.error("a report was not written", made.error(), {{"report", config.name}});
        if (!co_await world.timers.sleep_for(kAgain, stop)) co_return;
    }
}

}  // namespace tributary::app
