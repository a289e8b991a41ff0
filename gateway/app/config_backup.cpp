// backup of gateway.yaml.
#include "gateway/app/config_spec.hpp"

namespace tributary::app {
namespace {

using std::chrono::days;

spec::Object<BackupConfig> backup_object() {
    using B = BackupConfig;
    return spec::Object<B>("backup", "encrypted backups of the store")
        .field("folder", &B::folder, path_type(),
               {.summary = "where they are written; copy it elsewhere too. Needed, but for a store of type postgres, "
                           "which keeps a ledger alone",
                .required = false,
                .example = "/mnt/backup/tributary"})
        .field("ledger", &B::ledger, path_type(),
               {.summary = "withdrawals and erasures are appended to this file, and replayed after a restore; let it "
                           "lie on another disk than the store. Left out, it is `ledger` in the folder; gateways on "
                           "one store have one each",
                .required = false,
                .example = "/mnt/archive/tributary.ledger"})
        .field("schedule", &B::cron, spec::placed(spec::text({.name = "cron"})),
               {.summary = "when a backup is made, as a cron expression in quotes; without it by `tributary backup "
                           "run` alone",
                .example = "\"0 3 * * *\""})
        .field("drill", &B::drill_cron, spec::placed(spec::text({.name = "cron"})),
               {.summary = "when the newest backup is restored into a scratch folder and tried",
                .example = "\"0 5 * * 0\""})
        .field("time_zone", &B::time_zone, spec::text({.name = "time zone"}),
               {.summary = "of both", .fallback = "UTC", .example = "Europe/Berlin"})
        .field("keep", &B::keep, spec::duration(days{1}),
               {.summary = "backups of data; the newest stays", .fallback = "35d"})
        .field("keep_keys", &B::keep_keys, spec::duration(days{1}),
               {.summary = "backups of subject keys; older ones are destroyed, and with them what could open who was "
                           "erased since. As long as the epoch of subject keys",
                .fallback = "7d"})
        .place(&B::place)
        .example("folder: /mnt/backup/tributary\nschedule: \"0 3 * * *\"\ndrill: \"0 5 * * 0\"\n");
}

// The schedule of one of the two, compiled.
bool compile(const std::optional<spec::Placed<std::string>>& cron, const std::string& zone,
             std::optional<run::Schedule>& into, spec::Problems& problems) {
    if (!cron) return true;
    auto schedule = run::Schedule::parse(cron->value, zone);
    if (!schedule) {
        problems.add(cron->place, schedule.error().what);
        return false;
    }
    into = *schedule;
    return true;
}

}  // namespace

const spec::Type<BackupConfig>& describe(spec::Tag<BackupConfig>) {
    static const auto written = backup_object().type();
    static const spec::Type<BackupConfig> type(
        written.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<BackupConfig> {
            auto backup = written.parse(yaml, problems);
            if (!backup) return std::nullopt;
            const bool first = compile(backup->cron, backup->time_zone, backup->schedule, problems);
            const bool second = compile(backup->drill_cron, backup->time_zone, backup->drills, problems);
            return first && second ? std::move(backup) : std::nullopt;
        });
    return type;
}

}  // namespace tributary::app
