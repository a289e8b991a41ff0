#include "gateway/app/config_watch.hpp"

#include "gateway/app/config_spec.hpp"
#include "gateway/audit/signed_note.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/record/zone.hpp"

namespace tributary::app {
namespace {

constexpr int kDay = 24 * 60;

spec::Type<int> clock_type() {
    spec::TextRule rule{.name = "clock", .expected = "a time of day such as \"07:30\", in quotes"};
    return spec::from_text<int>(rule, [](std::string_view text) -> Result<int> {
        const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
        if (text.size() == 5 && text[2] == ':') {
            const int minute = digit(3) * 10 + digit(4), all = (digit(0) * 10 + digit(1)) * 60 + minute;
            if (minute < 60 && all <= kDay) return all;
        }
        return fail(Fault::bad_config, "expected a time of day such as \"07:30\"");
    });
}

spec::Type<std::string> zone_type() {
    return spec::from_text<std::string>({.name = "time zone"}, [](std::string_view text) -> Result<std::string> {
        TRY(const auto zone, record::ZoneRule::find(text));
        if (!zone.known()) return fail(Fault::bad_config, "expected a time zone such as Europe/Berlin");
        return std::string(text);
    });
}

const spec::Type<OfficeHoursConfig>& office_hours_type() {
    using O = OfficeHoursConfig;
    static const auto type =
        spec::Object<O>("office_hours", "when exports are nothing unusual")
            .field("time_zone", &O::zone, zone_type(), {.summary = "of the office", .example = "Europe/Berlin"})
            .field("begins", &O::begins, clock_type(), {.summary = "first minute of the day", .fallback = "\"07:00\""})
            .field("ends", &O::ends, clock_type(), {.summary = "the minute after the last", .fallback = "\"20:00\""})
            .field("weekends", &O::weekends, {.summary = "Saturday and Sunday too", .fallback = "false"})
            .type();
    return type;
}

template <class T>
spec::Object<T>& with_endpoint(spec::Object<T>& object, spec::FieldNote url) {
    using E = EndpointConfig;
    return object.field("url", &E::url, spec::text(spec::url_rule()), std::move(url))
        .field("allow", &E::allow, networks_type(),
               {.summary = "private networks that it may lie in", .fallback = "[]", .example = "[10.1.0.0/16]"})
        .field("ports", &E::ports, spec::list_of(spec::integer<std::uint16_t>(1, 65535)),
               {.summary = "ports besides 80, 443 and 8000 to 8999", .fallback = "[]"})
        .field("ca_file", &E::ca_file, path_type(),
               {.summary = "certificates (PEM) to trust instead of the system's", .required = false, .advanced = true});
}

const spec::Type<WatchWebhookConfig>& watch_webhook_type() {
    using W = WatchWebhookConfig;
    static const auto type = [] {
        spec::Object<W> object("watch_webhook", "where alerts are posted, signed as Standard Webhooks say");
        object.field("secret", &W::secret, spec::secret(),
                     {.summary = "the key of the signature; base64 after whsec_, or any long text",
                      .example = "${secret:watch#webhook}"});
        return with_endpoint(object,
                             {.summary = "takes a POST of JSON", .example = "https://alerts.acme.example/tributary"})
            .type();
    }();
    return type;
}

const spec::Type<MailRouteConfig>& mail_route_type() {
    using M = MailRouteConfig;
    static const auto type = spec::Object<M>("mail_route", "an action of a connection that sends mails")
                                 .field("connection", &M::connection, spec::placed(spec::text(spec::name_rule())),
                                        {.summary = "such as one of the connector smtp", .example = "mail"})
                                 .field("action", &M::action, spec::text(spec::path_name_rule()),
                                        {.summary = "one of its actions: it says to whom", .example = "alert"})
                                 .type();
    return type;
}

spec::Type<std::string> canary_type() {
    return spec::from_text<std::string>({.name = "uid", .expected = "uid of a customer"},
                                        [](std::string_view text) -> Result<std::string> {
                                            const auto uid = Uid::parse(text);
                                            if (!uid) return fail(Fault::bad_config, "expected the uid of a customer");
                                            return uid->text();
                                        });
}

spec::Object<ReportConfig> report_object() {
    using R = ReportConfig;
    static const auto kind =
        spec::choice<ReportKind>("report", {{"review", ReportKind::review, "what has to be looked at every quarter"},
                                            {"quality", ReportKind::quality, "drift, issues, quarantine, freshness"}});
    return spec::Object<R>("report", "a report that is written by itself")
        .field("name", &R::name, spec::text(spec::name_rule()),
               {.summary = "its files begin with it", .example = "quarter"})
        .field("report", &R::report, kind, {.summary = "which one", .example = "review"})
        .field("schedule", &R::cron, spec::placed(spec::text({.name = "cron"})),
               {.summary = "when, as a cron expression in quotes", .example = "\"0 6 1 */3 *\""})
        .field("time_zone", &R::time_zone, spec::text({.name = "time zone"}),
               {.summary = "of the schedule", .fallback = "UTC", .example = "Europe/Berlin"})
        .field("folder", &R::folder, path_type(), {.summary = "where its files are written", .fallback = "reports"})
        .field("mail", &R::mail, mail_route_type(), {.summary = "tells of each new one"});
}

}  // namespace

std::string_view name_of(ReportKind kind) {
    return kind == ReportKind::review ? "review" : "quality";
}

const spec::Type<WatchConfig>& describe(spec::Tag<WatchConfig>) {
    using W = WatchConfig;
    using std::chrono::hours;
    using std::chrono::minutes;
    static const auto amount = spec::integer<std::uint64_t>(1);
    static const auto type =
        spec::Object<W>("watch", "signs of a breach become alerts, and alerts reach people")
            .field("every", &W::every, spec::duration(Milliseconds{500}, minutes{10}),
                   {.summary = "between two looks", .fallback = "5s", .advanced = true})
            .field("repeat", &W::repeat, spec::duration(minutes{1}, hours{24 * 7}),
                   {.summary = "an alert that goes on is told again after this time", .fallback = "4h"})
            .field("webhook", &W::webhook, watch_webhook_type(), {.summary = "where alerts are posted"})
            .field("mail", &W::mail, mail_route_type(), {.summary = "how alerts are mailed"})
            .field("canaries", &W::canaries, spec::list_of(canary_type()),
                   {.summary = "uids of customers that exist for this alone: whoever reads one is told of",
                    .fallback = "[]"})
            .field("office_hours", &W::office_hours, office_hours_type(),
                   {.summary = "exports at other times raise an alert; left out, every hour is an office hour"})
            .field("rows_per_hour", &W::rows_per_hour, amount,
                   {.summary = "rows with personal values that one actor may read", .fallback = "5000"})
            .field("requests_per_day", &W::requests_per_day, amount,
                   {.summary = "requests of data subjects from one source", .fallback = "10"})
            .field("denials_per_hour", &W::denials_per_hour, amount,
                   {.summary = "refusals by consent that are never unusual", .fallback = "100"})
            .field("signature_failures", &W::signature_failures, amount,
                   {.summary = "of one connection within ten minutes", .fallback = "20"})
            .field("dead_letters_per_hour", &W::dead_letters_per_hour, amount,
                   {.summary = "new ones", .fallback = "100"})
            .field("overdue", &W::overdue, spec::duration(minutes{1}),
                   {.summary = "how long a change may wait for its destination", .fallback = "24h"})
            .field("old_snapshot", &W::old_snapshot, spec::duration(std::chrono::seconds{1}),
                   {.summary = "how long a session of a PostgreSQL server may stay inside one transaction",
                    .fallback = "5m"})
            .field("disk_free", &W::disk_free, spec::integer<unsigned>(0, 90),
                   {.summary = "percent of the file system of the store that stay free", .fallback = "5"})
            .example(
                "webhook: { url: https://alerts.acme.example/tributary, secret: \"${secret:watch#webhook}\" }\n"
                "office_hours: { time_zone: Europe/Berlin }\n")
            .type();
    return type;
}

const spec::Type<ReportConfig>& describe(spec::Tag<ReportConfig>) {
    static const auto written = report_object().type();
    static const spec::Type<ReportConfig> type(
        written.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<ReportConfig> {
            auto report = written.parse(yaml, problems);
            if (!report) return std::nullopt;
            auto schedule = run::Schedule::parse(*report->cron, report->time_zone);
            if (!schedule) {
                problems.add(report->cron.place, schedule.error().what);
                return std::nullopt;
            }
            report->schedule = *schedule;
            return report;
        });
    return type;
}

const spec::Type<WitnessConfig>& describe(spec::Tag<WitnessConfig>) {
    using W = WitnessConfig;
    static const auto key =
        spec::from_text<std::string>({.name = "key"}, [](std::string_view text) -> Result<std::string> {
            TRY(const auto parsed, audit::NoteKey::parse(text, audit::NoteKind::cosignature));
            return parsed.text();
        });
    static const auto type = [] {
        spec::Object<W> object("witness", "somebody elsewhere who signs checkpoints of the audit trail");
        object.field("key", &W::key, key,
                     {.summary = "its public key of cosignature/v1; names it too",
                      .example = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"});
        return with_endpoint(object, {.summary = "before /add-checkpoint of c2sp.org/tlog-witness; without it the "
                                                 "witness is asked by hand, with `audit cosign`",
                                      .required = false,
                                      .example = "https://witness.example.org"})
            .type();
    }();
    return type;
}

net::HttpOptions EndpointConfig::options() const {
    net::HttpOptions options;
    options.egress.hosts = {"*"};  // the address guard still stands
    options.egress.networks = allow;
    options.egress.ports = ports;
    options.ca_file = ca_file.string();
    options.resend_safe = true;
    return options;
}

}  // namespace tributary::app
