// Registry: which connectors exist and how one is built. A value made in app's wiring: nothing registers itself.
//
// Every connectors/<family>/<name>/connector.yaml is loaded and checked whole; one that says `engine: built_in` takes
// its roles from the C++ factory added under its name, all others run on the declarative engine. Threads: fill it
// first; afterwards it is read from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/description.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::connector {

class RateBudgets;  // one budget for each credential, shared by sync and delivery

class Registry {
  public:
    Registry();
    ~Registry();
    Registry(Registry&&) noexcept;
    Registry& operator=(Registry&&) noexcept;

    // Built-in C++. `Setup::settings` has passed the checks of the connector.yaml of that name.
    using Factory = std::function<Result<std::unique_ptr<Connector>>(Setup)>;
    void add(std::string name, Factory factory);

    // Loads every */*/connector.yaml below `root` (the connectors folder), or those whose folder is one of `only`. All
    // problems of all files; a connector whose file has none is usable all the same.
    void load(const std::filesystem::path& root, spec::Problems& problems,
              const std::set<std::string, std::less<>>* only = nullptr);
    // One more file, for connectors that users wrote themselves.
    void load_file(const std::filesystem::path& file, spec::Problems& problems);

    // The connectors built here go on with the rate budgets of those built by `before`. Call it before build().
    void keep_budgets_of(const Registry& before);

    // Each of several gateways on one store takes its part of every rate budget. Any thread.
    void share_budgets(unsigned gateways) const;

    // nullptr when there is none.
    const Description* find(std::string_view name) const;
    std::vector<const Description*> list() const;  // by name

    // Checks a connection's `settings:` against the declaration without opening a socket: unknown names with the
    // nearest known one, wrong types, patterns, what is missing. Leaves that hold a reference are checked at build().
    // `here` is where the connection stands when it has no settings (nullptr). `given`: the credentials it has, for a
    // definition in its settings; nullptr: not known.
    void check_settings(std::string_view connector, const spec::Yaml* settings, const spec::Place& here,
                        spec::Problems& problems, const std::set<std::string, std::less<>>* given = nullptr) const;
    // Fault::bad_config when there is no such connector (with the nearest one), or its settings are not as declared.
    // REQUIRES: the registry outlives the connector.
    Result<std::unique_ptr<Connector>> build(std::string_view connector, Setup setup) const;

  private:
    struct Entry;
    Error unknown(std::string_view name) const;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
    std::map<std::string, Factory, std::less<>> factories_;
    std::unique_ptr<RateBudgets> budgets_;  // mutable state behind a mutex: build() may run on any thread
};

}  // namespace tributary::connector
