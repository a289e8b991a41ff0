// store, vault, paths, retention and audit of gateway.yaml.
#include "gateway/app/config_spec.hpp"

#include <set>

#include "gateway/app/input.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/store/postgres/postgres_store.hpp"

namespace tributary::app {
namespace {

// libpq takes the password from the dsn, or from a file that the dsn or the environment names.
bool holds_password(std::string_view dsn) {
    const auto scheme = dsn.find("://");
    const auto at = dsn.find('@');
    if (scheme != dsn.npos && at != dsn.npos && dsn.substr(scheme + 3, at - scheme - 3).contains(':')) return true;
    for (auto found = dsn.find("password"); found != dsn.npos; found = dsn.find("password", found + 1))
        if (found == 0 || dsn[found - 1] == ' ' || dsn[found - 1] == '?' || dsn[found - 1] == '&') return true;
    return false;
}

const spec::Type<spec::Template>& dsn_type() {
    static const spec::Type<spec::Template> type(
        spec::Shape{.kind = spec::Shape::Kind::text, .name = "dsn", .secret = true},
        [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<spec::Template> {
            auto made = spec::reference_text().parse(yaml, problems);
            if (!made) return std::nullopt;
            const auto refuse = [&](const char* why) {
                problems.add(yaml.place(), why);
                return std::nullopt;
            };
            if (made->has_secrets())
                return refuse(
                    "the vault's secrets lie in the store that this opens: take ${env:NAME}, or a dsn without a "
                    "password "
                    "and libpq's passfile");
            if (made->has_references()) return made;  // of the environment, where it is not read yet
            const auto text = made->resolve(Environment());
            if (!yaml.resolved() && holds_password(*text))
                return refuse("a password is never written into a file: take ${env:NAME}, or libpq's passfile");
            if (auto sound = store::check_dsn(*text); !sound) return refuse(sound.error().what.c_str());
            return made;
        });
    return type;
}

}  // namespace

Result<std::string> resolve_dsn(std::string_view text, const spec::Resolver& environment) {
    TRY(const auto made, spec::Template::parse(text));
    TRY(auto dsn, made.resolve(environment));
    if (!made.has_references() && holds_password(dsn))
        return fail(Fault::bad_config,
                    "a password on a command line can be read by others: take ${env:NAME}, or libpq's "
                    "passfile");
    CHECK_OK(store::check_dsn(dsn));
    return dsn;
}

const spec::Type<StoreConfig>& describe(spec::Tag<StoreConfig>) {
    static const auto type =
        spec::Alternatives<StoreConfig>("store", "where state is kept")
            .alternative(
                "sqlite",
                spec::Object<SqliteConfig>("store_sqlite", "one file, for one gateway")
                    .field("path", &SqliteConfig::path, path_type(),
                           {.summary = "made when it is missing", .fallback = "data/tributary.db"})
                    .field("max_size", &SqliteConfig::max_size, spec::size(16UL << 20),
                           {.summary = "of the file; when it is full, webhooks are refused and nothing is lost",
                            .required = false}))
            .alternative(
                "postgres",
                spec::Object<PostgresConfig>("store_postgres", "a PostgreSQL database, for several gateways")
                    .field("dsn", &PostgresConfig::dsn, dsn_type(),
                           {.summary = "connection string of libpq, from the environment or without a password; "
                                       "never from the vault, whose secrets lie in this store",
                            .example = "${env:TRIBUTARY_DSN}"}))
            .example("{ type: sqlite, path: data/tributary.db }")
            .example("{ type: postgres, dsn: \"${env:TRIBUTARY_DSN}\" }")
            .example(
                "{ type: postgres, dsn: \"host=db.internal dbname=tributary user=tributary sslmode=verify-full "
                "sslrootcert=/etc/ssl/db-ca.pem passfile=/etc/tributary/pgpass\" }")
            .type();
    return type;
}

const spec::Type<MasterConfig>& describe(spec::Tag<MasterConfig>) {
    using Descriptor = MasterDescriptorConfig;
    static const auto type =
        spec::Alternatives<MasterConfig>("master", "where the master key comes from")
            .alternative(
                "file", spec::Object<MasterFileConfig>("master_file", "a file with mode 0400, made by `tributary init`")
                            .field("path", &MasterFileConfig::path, path_type(),
                                   {.summary = "the key file", .example = "keys/master.key"}))
            .alternative(
                "passphrase",
                spec::Object<MasterPassphraseConfig>("master_passphrase", "a passphrase of at least 12 characters")
                    .field("fd", &MasterPassphraseConfig::descriptor, spec::integer<int>(3, 1023),
                           {.summary = "a descriptor that the parent process opened, read once and closed; without it "
                                       "the passphrase is asked for at the terminal",
                            .required = false}))
            .alternative("fd", spec::Object<Descriptor>("master_fd", "a descriptor that the parent process opened")
                                   .field("fd", &Descriptor::descriptor, spec::integer<int>(3, 1023),
                                          {.summary = "its number; read once and closed"}))
            .alternative("program",
                         spec::Object<MasterProgramConfig>(
                             "master_program", "a key service, by a program that speaks JSON; see docs/vault.md")
                             .field("command", &MasterProgramConfig::command, spec::list_of(spec::text(), 1),
                                    {.summary = "the program and its arguments; no shell, and no environment but PATH, "
                                                "HOME, locale and time zone",
                                     .example = "[/usr/local/bin/tributary-kms, --key, gateway]"})
                             .field("timeout", &MasterProgramConfig::timeout, spec::duration(std::chrono::seconds{1}),
                                    {.summary = "of one call", .fallback = "30s"}))
            .example("{ type: file, path: keys/master.key }")
            .example("{ type: passphrase, fd: 3 }")
            .example("{ type: program, command: [/usr/local/bin/tributary-kms, --key, gateway] }")
            .type();
    return type;
}

const spec::Type<VaultConfig>& describe(spec::Tag<VaultConfig>) {
    static const auto type =
        spec::Object<VaultConfig>("vault", "keys and credentials, sealed with a master key")
            .field("master", &VaultConfig::master,
                   {.summary = "the key at the root", .fallback = "{ type: file, path: keys/master.key }"})
            .field("ring", &VaultConfig::ring, path_type(),
                   {.summary = "the key ring; else key.ring beside a master key file, or in keys/ beside this file",
                    .required = false,
                    .example = "keys/key.ring"})
            .field(
                "subject_epoch", &VaultConfig::subject_epoch, spec::duration(std::chrono::days{1}),
                {.summary = "how long one key wraps people's keys: then all are wrapped with a new one and the old one "
                            "is destroyed, and with it what backups from before hold. Without it `vault rotate "
                            "--destroy` alone does so",
                 .required = false,
                 .example = "7d"})
            .type();
    return type;
}

const spec::Type<PathsConfig>& describe(spec::Tag<PathsConfig>) {
    using P = PathsConfig;
    static const auto type =
        spec::Object<P>("paths",
                        "folders and files; what is left out is looked for beside this file, then in the installation")
            .field("connectors", &P::connectors, spec::one_or_many(path_type()),
                   {.summary = "folders with `family/name/connector.yaml`",
                    .required = false,
                    .example = "[connectors, /usr/share/tributary/connectors]"})
            .field("mappings", &P::mappings, spec::one_or_many(path_type()),
                   {.summary = "folders with `connector/stream.yaml` and `lookups/name.yaml`; the first that has a "
                               "mapping or lookup wins",
                    .required = false})
            .field("canonical", &P::canonical, path_type(),
                   {.summary = "the canonical model; else `canonical` below the mappings", .required = false})
            .field("purposes", &P::purposes, path_type(),
                   {.summary = "why data may be used; else purposes.yaml", .required = false})
            .field("custom_fields", &P::custom_fields, path_type(),
                   {.summary = "your own fields of the canonical model", .required = false})
            .type();
    return type;
}

namespace {

// A duration of a day or more, or `forever`, which is said to whoever checks the file.
spec::Type<flow::Term> term_type() {
    auto written = spec::text({.name = "duration or forever",
                               .expected = "a duration of a day or more such as 730d, or forever",
                               .pattern = "^(forever|([0-9]+(ms|s|m|h|d))+)$",
                               .holds = [](std::string_view text) {
                                   const auto span = parse_duration(text);
                                   return text == "forever" || (span && *span >= std::chrono::days{1});
                               }});
    return {written.shape_pointer(),
            [written](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<flow::Term> {
                const auto text = written.parse(yaml, problems);
                if (!text) return std::nullopt;
                if (*text != "forever") return flow::Term{parse_duration(*text).value()};
                problems.warn(yaml.place(), "is kept for ever: nothing removes it but an erasure, so write down why");
                return flow::Term{};
            }};
}

const spec::Type<flow::RecordPolicy>& record_policy_type() {
    using P = flow::RecordPolicy;
    // Contacts end by an erasure, which is asked for, approved and told on.
    auto rule = spec::name_rule();
    rule.expected = "a canonical entity other than contact, such as interaction";
    rule.holds = [inner = rule.holds](std::string_view text) { return inner(text) && text != "contact"; };
    static const auto type =
        spec::Object<P>("record_policy", "how long records of an entity are kept")
            .field("entity", &P::entity, spec::text(rule),
                   {.summary = "canonical entity; contacts are erased on request"})
            .field("keep", &P::keep, term_type(), {.summary = "from the last change that the source told of"})
            .example("entity: interaction\nkeep: 730d\n")
            .type();
    return type;
}

const spec::Type<flow::RemainderRule>& remainder_type() {
    using R = flow::RemainderRule;
    static const auto type =
        spec::Object<R>("remainder", "what the law wants kept of the records of somebody who was erased")
            .field("entity", &R::entity, spec::text(spec::name_rule()), {.summary = "canonical entity"})
            .field("keep", &R::keep, spec::duration(std::chrono::days{1}), {.summary = "from the record's date on"})
            .field("date", &R::date, spec::text(), {.summary = "the field that holds its date"})
            .field("fields", &R::fields, spec::list_of(spec::text()),
                   {.summary = "what is kept, of fields that are not personal; lines.sku is one of every line"})
            .example("entity: payment\nkeep: 3650d\ndate: occurred_at\nfields: [occurred_at, amount]\n")
            .type();
    return type;
}

}  // namespace

const spec::Type<RetentionConfig>& describe(spec::Tag<RetentionConfig>) {
    using R = RetentionConfig;
    using std::chrono::days;
    static const auto type =
        spec::Object<R>("retention", "how long the gateway remembers")
            .field("delivery_ids", &R::delivery_ids, spec::duration(days{7}),
                   {.summary = "ids of webhooks, against replays; longer than any sender retries", .fallback = "30d"})
            .field("dead_letters", &R::dead_letters, spec::duration(days{1}),
                   {.summary = "dead letters, for redrive", .fallback = "30d"})
            .field("attempts", &R::attempts, spec::duration(days{1}),
                   {.summary = "the history of delivery attempts", .fallback = "30d"})
            .field("job_history", &R::job_history, spec::duration(days{1}),
                   {.summary = "the history of sync runs", .fallback = "90d"})
            .field("unsolved_dead_letters", &R::unsolved_dead_letters, term_type(),
                   {.summary = "dead letters that nobody took up; forever: until somebody does", .fallback = "30d"})
            .field("records", &R::records, spec::list_of(record_policy_type()),
                   {.summary = "records by entity; what is not named has its standard: interaction and feedback 730d, "
                               "lead 365d, opportunity and case 1095d, order and payment 3650d, all others as long as "
                               "their source has them",
                    .fallback = "[]"})
            .field("consent_evidence", &R::consent_evidence, spec::duration(days{1}),
                   {.summary = "consent events of people who were erased, under a pseudonym", .fallback = "1095d"})
            .field("remainders", &R::remainders, spec::list_of(remainder_type()),
                   {.summary = "what is kept of records when their person is erased",
                    .fallback =
                        "[{ entity: order, keep: 3650d, date: placed_at, fields: [placed_at, currency, subtotal, "
                        "discount, shipping, tax, total, lines.sku, lines.quantity, lines.unit_price, lines.total] }]"})
            .field("four_eyes_above", &R::four_eyes_above, spec::integer<std::size_t>(1, 1'000'000),
                   {.summary = "an erasure of more people is approved by somebody else than who asked for it",
                    .fallback = "1"})
            .type();
    return type;
}

const spec::Type<AuditConfig>& describe(spec::Tag<AuditConfig>) {
    static const auto type =
        spec::Object<AuditConfig>("audit", "the audit trail")
            .field("checkpoints", &AuditConfig::checkpoints, path_type(),
                   {.summary = "signed checkpoints are appended to this file; let it lie where nobody who can write "
                               "the store can write",
                    .required = false,
                    .example = "/mnt/archive/tributary.checkpoints"})
            .field("witnesses", &AuditConfig::witnesses, spec::list_of(spec::type_of<WitnessConfig>()),
                   {.summary = "others who sign checkpoints too", .fallback = "[]"})
            .field("quorum", &AuditConfig::quorum, spec::integer<std::size_t>(0, 100),
                   {.summary = "how many of the witnesses have to have signed for `audit verify`; 0: all of them",
                    .fallback = "0"})
            .field("ask_every", &AuditConfig::ask_every, spec::duration(std::chrono::minutes{1}),
                   {.summary = "how often witnesses that have an address are asked", .fallback = "10m"})
            .check([](const AuditConfig& audit, const spec::Yaml& yaml, spec::Problems& problems) {
                if (audit.quorum > audit.witnesses.size())
                    problems.add(yaml.place(),
                                 "quorum: there are only " + std::to_string(audit.witnesses.size()) + " witnesses");
                std::set<std::string> names;
                for (const auto& witness : audit.witnesses)
                    if (const auto name = witness.key.substr(0, witness.key.find('+')); !names.insert(name).second)
                        problems.add(yaml.place(), "two witnesses have the name " + name);
            })
            .type();
    return type;
}

}  // namespace tributary::app
