// What a built-in connector needs to live in a test: a Setup of parts that touch no network, and a directory of its
// own.
#pragma once

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/value/json.hpp"

namespace tributary::test {

// Removed with everything in it.
class Directory {
  public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "tributary-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()));
        path_ = name;
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    void append(const std::string& name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary | std::ios::app) << text;
    }
    std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
        return text.str();
    }

  private:
    std::filesystem::path path_;
};

class NoNetwork final : public net::HttpClient {
  public:
    run::Task<net::HttpResult> send(net::HttpRequest, const net::HttpOptions&) override {
        co_return std::unexpected(net::HttpFailure{Error{Fault::refused, "there is no network in this test"}});
    }
};

inline value::Document json(std::string_view text) {
    auto document = value::parse_json(text);
    if (!document) FAIL(document.error().text());
    return std::move(*document);
}

struct World {
    Directory directory;
    FakeClock clock;  // stands still
    run::FakeTimers timers{clock};
    run::Loop loop{"test"};  // outlives the pool, whose threads resume coroutines on it
    run::Pool pool{"test", 1};
    NoNetwork http;
    crypto::SeededRandom random{1};
    Log log{LogLevel::off};
    std::map<std::string, std::string> credentials;

    connector::Setup setup(std::string_view settings) {
        return connector::Setup{
            .connection = "test",
            .settings = json(settings),
            .credential = [this](std::string_view field) -> Result<crypto::SecretBytes> {
                const auto found = credentials.find(std::string(field));
                if (found == credentials.end()) return fail(Fault::bad_config, "no such credential");
                return crypto::SecretBytes(found->second);
            },
            .directory = directory.path(),
            .topics = {},
            .budget_key = "test",
            .network = {},
            .http = http,
            .timers = timers,
            .blocking = pool,
            .random = random,
            .log = log,
        };
    }
};

// "id json" for each record, then "! position: error" for each broken one.
inline std::string text_of(const connector::Page& page) {
    std::string out;
    for (const auto& record : page.records) out += record.external_id + ' ' + record.json + '\n';
    for (const auto& broken : page.broken) out += "! " + broken.position + ": " + broken.error.text() + '\n';
    return out;
}

inline connector::Page pull(World& world, connector::Connector& connector, const std::string& stream,
                            connector::Cursor cursor) {
    REQUIRE(connector.source());
    auto page = run::run_blocking(world.loop, connector.source()->pull(stream, std::move(cursor)));
    if (!page) FAIL(page.error().text());
    return std::move(*page);
}

// Everything up to the last page; `cursor` is left where the next run begins.
inline std::string pull_all(World& world, connector::Connector& connector, const std::string& stream,
                            connector::Cursor& cursor) {
    std::string out;
    for (int pages = 0; pages < 10000; ++pages) {
        auto page = pull(world, connector, stream, cursor);
        out += text_of(page);
        cursor = page.cursor;
        if (page.last) return out;
    }
    FAIL("the stream never ends");
    return out;
}

}  // namespace tributary::test
