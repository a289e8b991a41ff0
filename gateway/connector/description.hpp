// Description: what a connector.yaml tells people and tools about a connector, whichever engine runs it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// How its facts were checked.
enum class Verified {
    live,      // run against the real system
    recorded,  // against answers recorded from it, or the vendor's own test vectors
    written,   // from documentation alone
};
std::string_view name_of(Verified verified);

struct SettingDescription {
    // `any` is free-form YAML that the connector itself reads.
    enum class Type { text, integer, boolean, duration, size, path, url, list, any };
    std::string name;
    Type type = Type::text;
    bool required = false;
    std::string pattern;  // RE2, the whole value; empty: any
    std::vector<std::string> one_of;
    value::Document fallback;  // the default; empty: none
    std::string description;
};

struct CredentialDescription {
    std::string name;
    bool secret = true;
    bool required = true;
    std::string description;
};

struct StreamDescription {
    std::string name;
    std::string description;
    bool incremental = false;  // has a cursor: a run reads what changed; otherwise each run reads all
    bool fetch = false;        // one record can be read by its id
    std::string key;           // where a record's key lies, as written in the file
};

struct ActionDescription {
    std::string name;
    std::string description;
    Idempotency idempotency = Idempotency::none;
    std::size_t batch = 1;
    // The fields of the record that the action reads: name and meaning. Empty: the record goes out as mapped.
    std::vector<std::pair<std::string, std::string>> record;
};

struct Description {
    std::string name;
    std::string title;
    std::string family;  // erp, ecommerce, social, email, crm, data
    Verified verified = Verified::written;
    std::vector<std::string> sources;     // where its facts come from
    std::vector<std::string> unverified;  // what nobody has seen yet
    std::filesystem::path file;           // its connector.yaml; empty for one without
    bool built_in = false;
    std::vector<SettingDescription> settings;
    std::vector<CredentialDescription> credentials;
    std::vector<StreamDescription> streams;
    std::vector<ActionDescription> actions;
    std::vector<std::string> topics;           // webhook topics
    std::vector<std::string> webhook_streams;  // those that come by webhook alone

    // A connector whose streams and actions depend on its settings (file, sql, http) says so: names are then checked by
    // the connection's own connector.
    bool open_streams = false;
    bool open_actions = false;
    bool open_credentials = false;  // its settings hold the definition that names them (http)

    bool has_source() const { return open_streams || !streams.empty(); }
    bool has_sink() const { return open_actions || !actions.empty(); }
    bool has_hook = false;
    bool subscribes = false;  // can be told where to send webhooks

    const StreamDescription* stream(std::string_view name) const;
    const ActionDescription* action(std::string_view name) const;
};

}  // namespace tributary::connector
