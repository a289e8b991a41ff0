// Config: gateway.yaml as C++ structs. Names of connectors, mappings and purposes are kept with their places and
// checked by config_check.hpp, once those are loaded. Secrets stay references until they are needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/access/reading_rules.hpp"
#include "gateway/app/config_watch.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/consent/terms.hpp"
#include "gateway/flow/analytics_export.hpp"
#include "gateway/flow/delivery_rules.hpp"
#include "gateway/flow/erasure_remainder.hpp"
#include "gateway/flow/retention.hpp"
#include "gateway/identity/golden.hpp"
#include "gateway/net/address_guard.hpp"
#include "gateway/run/backoff.hpp"
#include "gateway/run/schedule.hpp"
#include "gateway/spec/load.hpp"

namespace tributary::app {

struct GatewayConfig {
    std::string name;
    std::string public_url;  // what senders see, without a trailing slash; empty when there are no webhooks
};

// An address to listen at: an IP literal, since names may resolve to several.
struct Address {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const Address&, const Address&) = default;
};

struct TlsConfig {
    std::filesystem::path certificate, key;
    std::filesystem::path client_authority;  // empty: clients need no certificate
    friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

struct ListenConfig {
    Address address;
    std::optional<TlsConfig> tls;
    friend bool operator==(const ListenConfig&, const ListenConfig&) = default;
};

struct ListenersConfig {
    ListenConfig webhooks, admin;
    Milliseconds leave{};  // between "not ready" and closed ports
    friend bool operator==(const ListenersConfig&, const ListenersConfig&) = default;
};

struct SqliteConfig {
    std::filesystem::path path;
    std::uint64_t max_size = 0;  // bytes; 0: no limit
    friend bool operator==(const SqliteConfig&, const SqliteConfig&) = default;
};
struct PostgresConfig {
    spec::Template dsn;  // without ${secret:}: the secrets lie in the store that it opens
    friend bool operator==(const PostgresConfig&, const PostgresConfig&) = default;
};
// A connection string as it is written: ${env:NAME}, or one without a password. bad_config says what is wrong with it.
Result<std::string> resolve_dsn(std::string_view text, const spec::Resolver& environment);
using StoreConfig = std::variant<SqliteConfig, PostgresConfig>;

struct MasterFileConfig {
    std::filesystem::path path;
    friend bool operator==(const MasterFileConfig&, const MasterFileConfig&) = default;
};
struct MasterPassphraseConfig {
    int descriptor = 0;  // to read it from; 0: asked for at the terminal
    friend bool operator==(const MasterPassphraseConfig&, const MasterPassphraseConfig&) = default;
};
struct MasterDescriptorConfig {
    int descriptor = 0;
    friend bool operator==(const MasterDescriptorConfig&, const MasterDescriptorConfig&) = default;
};
struct MasterProgramConfig {
    std::vector<std::string> command;
    Milliseconds timeout{};  // of one call
    friend bool operator==(const MasterProgramConfig&, const MasterProgramConfig&) = default;
};
using MasterConfig =
    std::variant<MasterFileConfig, MasterPassphraseConfig, MasterDescriptorConfig, MasterProgramConfig>;
struct VaultConfig {
    MasterConfig master;
    std::filesystem::path ring;  // empty: beside a master key file, else keys/key.ring beside gateway.yaml
    std::optional<Milliseconds> subject_epoch;  // after it keys around people's keys are replaced and destroyed
};

// Folders and files of the installation, absolute once loaded. The first folder that has a name wins.
struct PathsConfig {
    std::vector<std::filesystem::path> connectors, mappings;
    std::filesystem::path canonical, purposes;
    std::filesystem::path custom_fields;  // empty: none
};

struct LimitsConfig {
    std::uint64_t body = 0;  // bytes of one webhook
    std::size_t connections = 0, connections_per_address = 0;
    std::size_t waiting_writes = 0;  // beyond it webhooks get 503
    std::uint64_t dead_letters = 0;
};

struct RetentionConfig {
    Milliseconds delivery_ids{}, dead_letters{}, attempts{}, job_history{};
    std::vector<flow::RecordPolicy> records;  // as they are written; flow::record_policies adds the standard
    flow::Term unsolved_dead_letters;
    Milliseconds consent_evidence{};
    std::vector<flow::RemainderRule> remainders;
    std::size_t four_eyes_above = 0;  // people in one erasure
};

struct AuditConfig {
    std::filesystem::path checkpoints;  // empty: they stay in the store alone
    std::vector<WitnessConfig> witnesses;
    std::size_t quorum = 0;  // of them that have to sign; 0: all
    Milliseconds ask_every{};
};

// Left out: `backup` has nowhere to write, and nothing outside the store remembers withdrawals and erasures.
struct BackupConfig {
    std::filesystem::path folder;  // absolute once loaded
    std::filesystem::path ledger;  // the same
    std::optional<spec::Placed<std::string>> cron, drill_cron;
    std::string time_zone;
    std::optional<run::Schedule> schedule, drills;
    Milliseconds keep{}, keep_keys{};
    spec::Place place;
};

// For which purposes personal values may be read.
struct ReadingConfig {
    std::optional<spec::Placed<std::string>> standard;  // when the reader declares none; empty: they have to
    std::vector<spec::Placed<std::string>> users;       // empty: every purpose
    std::vector<spec::Placed<std::string>> tokens;      // the same
    std::map<std::string, std::vector<spec::Placed<std::string>>> roles;  // instead of `users`; by name of the role

    access::ReadingRules rules() const;
};

struct AccessConfig {
    Milliseconds session_idle{}, session_longest{};
    bool open_metrics = true;
    std::uint32_t requests_per_second = 0;     // of each user and token
    std::uint64_t requests_per_day = 0;        // the same
    std::filesystem::path breached_passwords;  // empty: there is no such file
    ReadingConfig reading;
};

struct ThreadsConfig {
    unsigned network = 0, work = 0;  // 0: as many as the machine has cores
    friend bool operator==(const ThreadsConfig&, const ThreadsConfig&) = default;
};

struct StreamConfig {
    spec::Placed<std::string> mapping;
    std::optional<spec::Placed<std::string>> cron;
    std::string time_zone;
    std::optional<run::Schedule> schedule;            // unset: webhooks and `sync run` alone
    bool full_refresh = false;                        // each run reads everything
    std::vector<spec::Placed<std::string>> purposes;  // that its records are kept for; empty: as they come
    bool pause = false;
    spec::Place place;
};

struct WebhooksConfig {
    std::vector<spec::Placed<std::string>> topics;  // empty: all that the connector knows
    std::vector<net::Network> allow_from;           // empty: from everywhere
    bool subscribe = false;                         // the gateway tells the system where to send
    bool from_browser = false;                      // the people themselves send, with their browsers
    spec::Place place;
};

struct NetworkConfig {
    std::vector<net::Network> allow;  // private networks that may be reached
    std::vector<std::uint16_t> ports;
    Milliseconds connect_timeout{}, timeout{};
    std::filesystem::path ca_file;
    std::filesystem::path certificate, key;  // shown to a system that asks for one
};

struct CredentialsConfig {
    std::optional<spec::Reference> secret;         // one secret that holds all fields
    std::map<std::string, spec::Template> fields;  // or each field by itself
};

struct ConnectionConfig {
    std::string name;
    spec::Placed<std::string> connector;
    std::optional<spec::Yaml> settings;  // env references are resolved, secrets are not
    CredentialsConfig credentials;
    NetworkConfig network;
    std::optional<WebhooksConfig> webhooks;
    std::vector<spec::Named<StreamConfig>> streams;
    bool processor = true;  // works for us; false: a controller of its own, who needs the subject's consent
    bool trusted_contact_points = false;
    std::string customer_number_space;
    bool pause = false;
    spec::Place place;
};

struct DeliveryConfig {
    spec::Placed<std::string> name, to, entity, action;
    std::optional<spec::Placed<std::string>> mapping;  // unset: the canonical record itself
    spec::Placed<std::string> purpose;
    consent::Channel channel = consent::Channel::any;
    flow::OnPermanentFailure on_permanent_failure = flow::OnPermanentFailure::supersede;
    run::Backoff retry;
    std::optional<std::size_t> batch;  // unset: what the connector does best
    bool deletes = false;              // deletions at the source are carried on
    bool pause = false;
    spec::Place place;
};

// What is taken out for reports, without names.
struct AnalyticsExportConfig {
    flow::AnalyticsExport what;
    spec::Placed<std::string> entity, purpose;
    spec::Place place;
};
struct AnalyticsConfig {
    std::filesystem::path folder;  // absolute once loaded
    std::vector<AnalyticsExportConfig> exports;
};

// Messages of customers become cases of a service desk.
struct ServiceConfig {
    std::filesystem::path rules;  // absolute once loaded
};

struct Config {
    std::filesystem::path file;
    std::map<std::string, std::string, std::less<>> sections;  // of the file, each with a hash: see loaded_parts.hpp
    GatewayConfig gateway;
    ListenersConfig listen;
    StoreConfig store;
    VaultConfig vault;
    PathsConfig paths;
    LimitsConfig limits;
    RetentionConfig retention;
    AuditConfig audit;
    std::optional<BackupConfig> backup;
    AccessConfig access;
    AnalyticsConfig analytics;
    ThreadsConfig threads;
    LogLevel log_level = LogLevel::info;
    identity::Survivorship survivorship;
    std::vector<ConnectionConfig> connections;
    std::vector<DeliveryConfig> deliveries;
    std::optional<ServiceConfig> service;  // unset: messages make no cases
    WatchConfig watch;
    std::vector<ReportConfig> reports;

    const ConnectionConfig* connection(std::string_view name) const;
    const DeliveryConfig* delivery(std::string_view name) const;
    // Where relative paths start: the folder of the file.
    std::filesystem::path directory() const { return file.parent_path(); }
};

const spec::Type<Config>& describe(spec::Tag<Config>);

// Reads, resolves ${env:...}, parses and makes paths absolute. All problems of the file; nullopt exactly when there
// are. `share` is the installation's folder with connectors/, mappings/ and config/purposes.yaml: it stands in for
// what the file does not name and its own folder does not have.
std::optional<Config> load_config(const std::filesystem::path& file, const std::filesystem::path& share,
                                  const spec::Resolver& environment, spec::Problems& problems);

// The process environment, for ${env:NAME}; secrets are not_found there.
class Environment final : public spec::Resolver {
  public:
    Result<std::string> resolve(const spec::Reference& reference) const override;
};

}  // namespace tributary::app
