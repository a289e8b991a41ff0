// Settings: reads the free-form part of a connection's settings, of which a connector.yaml says only `type: any`.
// It gathers every problem, not the first: unknown names with the nearest known one, wrong types, what is missing.
//
//   Settings settings(setup.settings.root(), "settings");
//   auto table = settings.text("table");            // required
//   auto page = settings.integer("page", 500);      // with a default
//   CHECK_OK(settings.finish());                    // all problems, unknown names included
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors {

class Settings {
  public:
    // REQUIRES: the document outlives this. `place` begins every problem's text. A missing node is an empty object.
    Settings(value::Node object, std::string place);

    std::string text(std::string_view name);
    std::string text(std::string_view name, std::string fallback);
    // One of the words given, the first being the default.
    std::string word(std::string_view name, const std::vector<std::string>& words);
    bool boolean(std::string_view name, bool fallback);
    // Refused when out of [least, most].
    std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most);
    // A list of texts; a single text is a list of one.
    std::vector<std::string> list(std::string_view name);
    // A duration or a size as users write it.
    std::optional<std::int64_t> milliseconds(std::string_view name);
    std::int64_t bytes(std::string_view name, std::int64_t fallback);
    char character(std::string_view name, char fallback);
    // Every member of an object of objects: read(name, settings of it), whose problems are gathered here.
    void each(std::string_view name, const std::function<void(const std::string&, Settings&)>& read);
    // An object that somebody else reads; missing when it is not there.
    value::Node map(std::string_view name);

    // One object, whose problems are gathered here; read() is not called when it is missing.
    void within(std::string_view name, const std::function<void(Settings&)>& read);

    // Names that somebody else reads (the `auth` of the connector.yaml).
    void leave(const std::vector<std::string>& names) { known_.insert(known_.end(), names.begin(), names.end()); }

    bool has(std::string_view name) const { return static_cast<bool>(object_.find(name)); }
    void problem(std::string text);
    const std::string& place() const { return place_; }

    // bad_config with all problems, one a line.
    Result<void> finish();

  private:
    value::Node take(std::string_view name);
    void wrong(std::string_view name, std::string_view expected);
    void note_unknown();

    value::Node object_;
    std::string place_;
    std::vector<std::string> known_;
    std::vector<std::string> problems_;
};

}  // namespace tributary::connectors
