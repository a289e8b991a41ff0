// SingerSource: pages of a tap. The tap runs on between the pages of one sync run, held back by its full pipe; a cursor
// that is not where it stands starts it anew from that cursor's state.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "connectors/data/singer/singer_cursor.hpp"
#include "connectors/data/singer/singer_settings.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/singer/message.hpp"

namespace tributary::connectors::singer {

class SingerSource final : public connector::Source {
  public:
    // REQUIRES: everything referred to outlives this; settings.tap is there.
    SingerSource(const SingerSettings& settings, const connector::Setup& setup);

    run::Task<Result<connector::Page>> pull(std::string stream, connector::Cursor cursor) override;
    // The tap starts and offers every stream that the settings name.
    run::Task<Result<void>> check();

  private:
    struct Session {
        std::unique_ptr<connector::singer::ProgramRun> run;
        std::string at;  // the cursor that it stands at
        SingerCursor cursor;
        std::vector<std::string> keys;
    };
    run::Task<Result<void>> load_catalog();
    run::Task<Result<void>> begin(Session& session, const Stream& stream, const std::string& cursor);
    run::Task<Result<connector::Page>> read_page(Session& session, const std::string& name, const Stream& stream);
    // True: the page is full.
    Result<bool> take(Session& session, const Stream& stream, const std::string& line, connector::Page& page);
    void log_end(const std::string& name, const Session& session) const;

    const SingerSettings& settings_;
    const connector::Setup& setup_;
    std::optional<connector::singer::Catalog> catalog_;
    std::map<std::string, Session> sessions_;
    value::JsonParser parser_;
};

}  // namespace tributary::connectors::singer
