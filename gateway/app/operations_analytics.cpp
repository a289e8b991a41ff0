#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/analytics_export.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

Result<const flow::AnalyticsExport*> export_named(const AnalyticsConfig& config, const std::string& name) {
    std::vector<std::string> known;
    for (const auto& one : config.exports) {
        if (one.what.name == name) return &one.what;
        known.push_back(one.what.name);
    }
    const auto near = nearest(name, known);
    return fail(Fault::not_found,
                known.empty() ? "no export is configured: describe one under analytics.exports"
                : near        ? "there is no such export: did you mean " + *near + "?"
                              : "there is no such export; known: " + join(known, ", "),
                name);
}

// What was taken out, before anybody has it.
Result<void> tell(Gateway& gateway, const access::Caller& caller, const flow::AnalyticsExport& what,
                  const flow::ExportCounts& counts, std::string_view action) {
    std::uint64_t denied = 0;
    for (const auto& [_, count] : counts.denied) denied += count;
    const auto entry = flow::audit_entry(gateway.world().clock, caller, action,
                                         {{"export", what.name},
                                          {"entity", what.entity},
                                          {"purpose", what.purpose},
                                          {"people", what.anonymous ? "anonymous" : "pseudonymous"},
                                          {"rows", std::to_string(counts.rows)},
                                          {"suppressed", std::to_string(counts.suppressed)},
                                          {"denied", std::to_string(denied)}});
    return flow::write_entry(gateway.world().store, entry);
}

std::string file_name(const flow::AnalyticsExport& what, Timestamp now) {
    auto at = record::timestamp_text(now);
    std::erase_if(at, [](char c) { return c == ':' || c == '-' || c == '.'; });
    return what.name + "-" + at + ".ndjson";
}

run::Task<Answer> take_out(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        const auto& config = gateway.catalogue().config.analytics;
        TRY(const auto name, needed_text(arguments, "export"));
        TRY(const auto* what, export_named(config, name));
        if (!access::may_read_for(gateway.catalogue().config.access.reading.rules(), caller,
                                  access::Permission::analytics_export, what->purpose)) {
            CHECK_OK(flow::write_entry(world.store, flow::audit_entry(world.clock, caller, "reading.deny",
                                                                      {{"export", what->name},
                                                                       {"purpose", what->purpose},
                                                                       {"reason", "not open to the reader"}})));
            return fail(Fault::refused, "nothing may be taken out for " + what->purpose + " by this caller",
                        "access.reading");
        }
        std::error_code failed;
        std::filesystem::create_directories(config.folder, failed);
        if (failed)
            return fail(Fault::bad_config, "this folder cannot be made: " + failed.message(), config.folder.string());
        CHECK_OK(tell(gateway, caller, *what, {}, "analytics.begin"));
        const auto file = config.folder / file_name(*what, world.clock.now());
        TRY(const auto counts, flow::write_export(world, *what, file));
        if (auto told = tell(gateway, caller, *what, counts, "analytics.export"); !told) {
            std::error_code ignored;  // it was never told of, so nobody may have it
            std::filesystem::remove(file, ignored);
            return pass(std::move(told));
        }
        value::Builder out;
        const auto number = [&](std::string_view key, std::uint64_t count) {
            out.key(key).integer(static_cast<std::int64_t>(count));
        };
        out.begin_object().key("file").text(file.string());
        number("rows", counts.rows);
        number("suppressed", counts.suppressed);
        number("groups", counts.groups);
        number("small_groups", counts.small_groups);
        number("k", what->k);
        out.key("denied").begin_object();
        for (const auto& [reason, count] : counts.denied) number(reason, count);
        out.end().end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> analytics_operations() {
    using api::field::integer, api::field::object, api::field::text;
    return {{"analytics.export",
             access::Permission::analytics_export,
             take_out,
             {text("export").needed()},
             {text("file"), integer("rows"), integer("suppressed"), integer("groups"), integer("small_groups"),
              integer("k"), object("denied")}}};
}

}  // namespace tributary::app
