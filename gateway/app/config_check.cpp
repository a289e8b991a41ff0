#include "gateway/app/config_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/base/text.hpp"
#include "gateway/flow/breached_passwords.hpp"

namespace tributary::app {
namespace {

class Checker {
  public:
    Checker(const Config& config, const Known& known, spec::Problems& problems)
        : config_(config), known_(known), problems_(problems) {}

    void check() {
        check_admin_face();
        check_backup();
        check_reading(config_.access.reading);
        if (auto fine = flow::BreachedPasswords(config_.access.breached_passwords).check(); !fine)
            problems_.add({config_.file.string(), {}, "access.breached_passwords"}, fine.error().text());
        for (const auto& one : config_.analytics.exports) check_export(one);
        for (const auto& connection : config_.connections) check_connection(connection);
        for (const auto& delivery : config_.deliveries) check_delivery(delivery);
    }

  private:
    void unknown(const spec::Placed<std::string>& name, std::string_view kind, const std::vector<std::string>& names) {
        auto near = nearest(*name, names);
        problems_.add(name.place,
                      fmt::format("there is no {} '{}'{}", kind, *name, near ? "; did you mean " + *near + "?" : ""));
    }
    void unknown(const spec::Placed<std::string>& name, std::string_view kind, const std::set<std::string>& names) {
        unknown(name, kind, std::vector<std::string>(names.begin(), names.end()));
    }
    void check_mapping(const spec::Placed<std::string>& name) {
        if (!known_.mappings.contains(*name)) unknown(name, "mapping", known_.mappings);
    }

    // It takes tokens and answers with personal values.
    void check_admin_face() {
        const auto& admin = config_.listen.admin;
        const auto at = net::IpAddress::parse(admin.address.host);
        const auto loopback = net::Network::parse(admin.address.host.contains(':') ? "::1/128" : "127.0.0.0/8");
        if (admin.tls || !at || !loopback || loopback->contains(*at)) return;
        problems_.add({config_.file.string(), {}, "listen.admin"},
                      fmt::format("{} can be reached from outside this machine, so this face needs tls: give it a "
                                  "certificate and a key, or listen at 127.0.0.1",
                                  admin.address.host));
    }

    // nullptr: there is no such purpose, which was told.
    const consent::Purpose* check_purpose(const spec::Placed<std::string>& purpose) {
        const auto* found = known_.purposes.find(*purpose);
        if (!found) unknown(purpose, "purpose", known_.purposes.keys());
        return found;
    }

    void check_reading(const ReadingConfig& reading) {
        if (reading.standard) check_purpose(*reading.standard);
        for (const auto& purpose : reading.users) check_purpose(purpose);
        for (const auto& purpose : reading.tokens) check_purpose(purpose);
        for (const auto& [_, purposes] : reading.roles)
            for (const auto& purpose : purposes) check_purpose(purpose);
    }

    bool check_entity(const spec::Placed<std::string>& entity) {
        if (known_.model.entity(*entity)) return true;
        unknown(entity, "entity", known_.model.entity_names());
        return false;
    }

    void check_export(const AnalyticsExportConfig& one) {
        check_purpose(one.purpose);
        if (!check_entity(one.entity)) return;
        for (const auto& flaw : flow::check_export(one.what, known_.model))
            problems_.add(one.place, flaw.column.empty() ? flaw.what : "column " + flaw.column + ": " + flaw.what);
    }

    // A dump of the server holds what our files would, and is the server's to make; the ledger is ours.
    void check_backup() {
        if (!config_.backup) return;
        const auto& backup = *config_.backup;
        const auto tell = [&](std::string_view what) { problems_.add(backup.place, std::string(what)); };
        if (std::holds_alternative<SqliteConfig>(config_.store)) {
            if (backup.folder.empty()) tell("folder is missing: where backups are written");
            return;
        }
        for (const auto& [field, given] : {std::pair{"folder", !backup.folder.empty()},
                                           {"schedule", backup.cron.has_value()},
                                           {"drill", backup.drill_cron.has_value()}})
            if (given)
                tell(fmt::format(
                    "{} is of a store of type sqlite: those of type postgres are backed up with pg_dump and "
                    "a copy of the key ring, see docs/postgres.md; give `ledger` alone",
                    field));
        if (backup.ledger.empty()) tell("ledger is missing: of a store of type postgres it is all that `backup` keeps");
    }

    void check_network(const ConnectionConfig& connection) {
        const auto& network = connection.network;
        if (network.certificate.empty() == network.key.empty()) return;
        problems_.add(connection.place, fmt::format("network.{} is missing: a certificate and its key go together",
                                                    network.key.empty() ? "key" : "certificate"));
    }

    void check_connection(const ConnectionConfig& connection) {
        check_network(connection);
        for (const auto& [name, stream] : connection.streams) {
            check_mapping(stream.mapping);
            for (const auto& purpose : stream.purposes) check_purpose(purpose);
        }
        const auto* about = known_.connectors.find(*connection.connector);
        if (!about) {
            std::vector<std::string> names;
            for (const auto* one : known_.connectors.list()) names.push_back(one->name);
            return unknown(connection.connector, "connector", names);
        }
        // With one secret for all fields only the vault knows which there are.
        std::set<std::string, std::less<>> given;
        for (const auto& [name, _] : connection.credentials.fields) given.insert(name);
        known_.connectors.check_settings(*connection.connector, connection.settings ? &*connection.settings : nullptr,
                                         connection.place, problems_, connection.credentials.secret ? nullptr : &given);
        check_credentials(connection, *about);
        check_streams(connection, *about);
        check_topics(connection, *about);
    }

    void check_credentials(const ConnectionConfig& connection, const connector::Description& about) {
        const auto& written = connection.credentials;
        if (written.secret || about.open_credentials) return;
        std::vector<std::string> declared;
        for (const auto& credential : about.credentials) {
            declared.push_back(credential.name);
            if (credential.required && !written.fields.contains(credential.name))
                problems_.add(connection.place,
                              fmt::format("connector {} needs the credential '{}'", about.name, credential.name));
        }
        for (const auto& [name, value] : written.fields)
            if (std::ranges::find(declared, name) == declared.end())
                unknown({name, connection.place}, fmt::format("credential of connector {}", about.name), declared);
    }

    void check_streams(const ConnectionConfig& connection, const connector::Description& about) {
        std::vector<std::string> names;
        for (const auto& stream : about.streams) names.push_back(stream.name);
        names.insert(names.end(), about.webhook_streams.begin(), about.webhook_streams.end());
        for (const auto& [name, stream] : connection.streams) {
            if (std::ranges::count(about.webhook_streams, name)) {
                if (stream.cron)
                    problems_.add(stream.cron->place,
                                  fmt::format("stream {} of connector {} comes by webhook alone: it has no schedule",
                                              name, about.name));
                continue;
            }
            // A hook that declares no topics takes any; each names a stream of the connection's own.
            if (about.open_streams || about.stream(name) || (about.has_hook && about.topics.empty())) continue;
            unknown({name, stream.place}, fmt::format("stream of connector {}", about.name), names);
        }
    }

    void check_topics(const ConnectionConfig& connection, const connector::Description& about) {
        if (!connection.webhooks) return;
        if (!about.has_hook)
            problems_.add(connection.webhooks->place, fmt::format("connector {} receives no webhooks", about.name));
        if (connection.webhooks->subscribe && !about.subscribes)
            problems_.add(connection.webhooks->place,
                          fmt::format("connector {} cannot be told where to send; subscribe over there and leave out "
                                      "subscribe",
                                      about.name));
        if (about.topics.empty()) return;
        for (const auto& topic : connection.webhooks->topics)
            if (std::ranges::find(about.topics, *topic) == about.topics.end())
                unknown(topic, fmt::format("topic of connector {}", about.name), about.topics);
    }

    void check_delivery(const DeliveryConfig& delivery) {
        check_entity(delivery.entity);
        if (delivery.mapping) check_mapping(*delivery.mapping);
        const auto* purpose = check_purpose(delivery.purpose);
        if (purpose && !purpose->takes(delivery.channel))
            problems_.add(delivery.purpose.place, fmt::format("purpose {} is not for the channel {}", purpose->key,
                                                              consent::name_of(delivery.channel)));
        check_action(delivery);
    }

    void check_action(const DeliveryConfig& delivery) {
        const auto* connection = config_.connection(*delivery.to);
        const auto* about = connection ? known_.connectors.find(*connection->connector) : nullptr;
        if (!about || about->open_actions || about->action(*delivery.action)) return;
        std::vector<std::string> names;
        for (const auto& action : about->actions) names.push_back(action.name);
        if (names.empty())
            problems_.add(delivery.to.place, fmt::format("connector {} cannot receive records", about->name));
        else
            unknown(delivery.action, fmt::format("action of connector {}", about->name), names);
    }

    const Config& config_;
    const Known& known_;
    spec::Problems& problems_;
};

}  // namespace

void check_config(const Config& config, const Known& known, spec::Problems& problems) {
    Checker(config, known, problems).check();
}

}  // namespace tributary::app
