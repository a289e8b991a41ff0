// What the settings of a singer connection say.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/setup.hpp"
#include "gateway/connector/singer/catalog.hpp"
#include "gateway/connector/singer/program_run.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::singer {

struct Executable {
    connector::singer::ProgramSettings program;
    value::Node config;                // lives in SingerSettings::document
    std::vector<std::string> secrets;  // fields of the connection's credentials that its config gets
};

struct Tap : Executable {
    bool discover = true;           // it knows --discover; else `catalog` or none is passed
    std::filesystem::path catalog;  // used instead of what it discovers; empty: none
    std::string catalog_option;     // --catalog, or --properties for old taps
};

struct Stream {
    connector::singer::Selection selection;
    std::vector<std::string> key;  // empty: the tap's key_properties
    std::size_t page = 500;        // records
};

struct Action {
    std::string stream;            // as the target is told
    std::vector<std::string> key;  // key_properties; empty: each push appends
    value::Node properties;        // JSON Schema of each field
    std::size_t batch = 1000;
};

struct SingerSettings {
    std::unique_ptr<const value::Document> document;  // what the nodes point into, where it stays when this moves
    std::optional<Tap> tap;
    std::optional<Executable> target;
    std::map<std::string, Stream, std::less<>> streams;
    std::map<std::string, Action, std::less<>> actions;
};

// bad_config with every problem. `directory`: where relative paths start.
Result<SingerSettings> read_singer_settings(value::Document settings, const std::filesystem::path& directory);

// The config of a program as it reads it: `config` with the secret fields. A secret's field "a.b" is not nested.
Result<std::string> config_of(const Executable& executable, const connector::CredentialReader& credential);

}  // namespace tributary::connectors::singer
