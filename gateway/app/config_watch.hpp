// watch and reports of gateway.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gateway/net/address_guard.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/run/schedule.hpp"
#include "gateway/spec/load.hpp"

namespace tributary::app {

// An address that the gateway itself posts to.
struct EndpointConfig {
    std::string url;
    std::vector<net::Network> allow;
    std::vector<std::uint16_t> ports;
    std::filesystem::path ca_file;

    net::HttpOptions options() const;
};

struct WatchWebhookConfig : EndpointConfig {
    spec::Template secret;
};

// Somebody elsewhere who signs checkpoints of the audit trail.
struct WitnessConfig : EndpointConfig {  // without an address it is asked by hand
    std::string key;                     // audit::NoteKey of cosignatures, as text
};

// A connection that sends mails, and one of its actions.
struct MailRouteConfig {
    spec::Placed<std::string> connection;
    std::string action;
};

struct OfficeHoursConfig {
    std::string zone;
    int begins = 0, ends = 0;  // minutes after midnight
    bool weekends = false;
};

struct WatchConfig {
    Milliseconds every{}, repeat{}, overdue{}, old_snapshot{};
    std::uint64_t rows_per_hour = 0, requests_per_day = 0, denials_per_hour = 0, signature_failures = 0,
                  dead_letters_per_hour = 0;
    unsigned disk_free = 0;  // percent
    std::vector<std::string> canaries;
    std::optional<OfficeHoursConfig> office_hours;
    std::optional<WatchWebhookConfig> webhook;
    std::optional<MailRouteConfig> mail;
};

enum class ReportKind { review, quality };
std::string_view name_of(ReportKind kind);

struct ReportConfig {
    std::string name;
    ReportKind report = ReportKind::review;
    spec::Placed<std::string> cron;
    std::string time_zone;
    std::optional<run::Schedule> schedule;  // set once loaded
    std::filesystem::path folder;           // absolute once loaded
    std::optional<MailRouteConfig> mail;
};

}  // namespace tributary::app
