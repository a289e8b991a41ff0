// Where the files of a config lie: beside gateway.yaml, else in the installation.
#include <fmt/format.h>

#include "gateway/app/config_spec.hpp"

namespace tributary::app {
namespace {

namespace fs = std::filesystem;

class Locator {
  public:
    Locator(const Config& config, const fs::path& share, spec::Problems& problems)
        : file_(config.file.string()), directory_(config.directory()), share_(share), problems_(problems) {}

    void absolute(fs::path& path) const {
        if (!path.empty()) path = (directory_ / path).lexically_normal();
    }

    // What the file names has to be there; else what is found under the name, beside the file first.
    void folders(std::vector<fs::path>& written, const char* name) const {
        for (auto& path : written) {
            absolute(path);
            if (!fs::is_directory(path)) missing(path, std::string("paths.") + name);
        }
        if (!written.empty()) return;
        for (const auto& parent : {directory_, share_})
            if (auto path = (parent / name).lexically_normal();
                fs::is_directory(path) && (written.empty() || written.front() != path))
                written.push_back(path);
        if (written.empty()) missing(directory_ / name, std::string("paths.") + name);
    }

    // The first of `parents` that has `name`.
    void one(fs::path& written, const char* name, const std::string& key, const std::vector<fs::path>& parents) const {
        optional(written, key);
        for (const auto& parent : parents)
            if (auto path = (parent / name).lexically_normal(); written.empty() && fs::exists(path)) written = path;
        if (written.empty()) missing(parents.front() / name, key);
    }

    // None need be there, but what the file names has to.
    void optional(fs::path& written, const std::string& key) const {
        absolute(written);
        if (!written.empty() && !fs::exists(written)) missing(written, key);
    }

  private:
    void missing(const fs::path& path, std::string key) const {
        problems_.add({file_, {}, std::move(key)}, path.string() + " is missing");
    }

    std::string file_;
    fs::path directory_, share_;
    spec::Problems& problems_;
};

}  // namespace

void locate(Config& config, const std::filesystem::path& share, spec::Problems& problems) {
    Locator locator(config, share, problems);
    for (auto& [name, listen] :
         {std::pair("webhooks", &config.listen.webhooks), std::pair("admin", &config.listen.admin)})
        if (listen->tls) {
            const auto key = fmt::format("listen.{}.tls", name);
            locator.optional(listen->tls->certificate, key + ".certificate");
            locator.optional(listen->tls->key, key + ".key");
            locator.optional(listen->tls->client_authority, key + ".client_authority");
        }
    if (auto* sqlite = std::get_if<SqliteConfig>(&config.store)) locator.absolute(sqlite->path);
    if (auto* master = std::get_if<MasterFileConfig>(&config.vault.master)) locator.absolute(master->path);
    locator.absolute(config.vault.ring);
    locator.absolute(config.audit.checkpoints);
    locator.absolute(config.access.breached_passwords);
    for (auto& witness : config.audit.witnesses) locator.absolute(witness.ca_file);
    for (auto& connection : config.connections) {
        const auto key = fmt::format("connections.{}.network", connection.name);
        locator.optional(connection.network.ca_file, key + ".ca_file");
        locator.optional(connection.network.certificate, key + ".certificate");
        locator.optional(connection.network.key, key + ".key");
    }
    if (config.watch.webhook) locator.absolute(config.watch.webhook->ca_file);
    for (auto& report : config.reports) locator.absolute(report.folder);
    locator.absolute(config.analytics.folder);
    if (config.backup) {
        auto& backup = *config.backup;
        if (backup.ledger.empty() && !backup.folder.empty()) backup.ledger = backup.folder / "ledger";
        locator.absolute(backup.folder);
        locator.absolute(backup.ledger);
    }

    auto& paths = config.paths;
    locator.folders(paths.connectors, "connectors");
    locator.folders(paths.mappings, "mappings");
    if (!paths.mappings.empty()) locator.one(paths.canonical, "canonical", "paths.canonical", paths.mappings);
    locator.one(paths.purposes, "purposes.yaml", "paths.purposes", {config.directory(), share / "config", share});
    locator.optional(paths.custom_fields, "paths.custom_fields");
    if (config.service)
        locator.one(config.service->rules, "service_rules.yaml", "service.rules",
                    {config.directory(), share / "config", share});
}

}  // namespace tributary::app
