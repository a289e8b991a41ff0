#include "connectors/data/sql/sql.hpp"

#include "connectors/data/sql/sink.hpp"
#include "connectors/data/sql/source.hpp"

namespace tributary::connectors {

namespace {

class SqlConnector final : public connector::Connector {
  public:
    SqlConnector(sql::SqlSettings settings, connector::CredentialReader credential, run::Pool& pool)
        : settings_(std::move(settings)),
          source_(settings_, credential, pool),
          sink_(settings_, std::move(credential), pool),
          pool_(pool) {}

    connector::Source* source() override { return settings_.streams.empty() ? nullptr : &source_; }
    connector::Sink* sink() override { return settings_.actions.empty() ? nullptr : &sink_; }

    run::Task<Result<void>> check() override {
        co_return co_await run::on(pool_, [this]() -> Result<void> {
            if (!settings_.streams.empty()) CHECK_OK(source_.check());
            if (!settings_.actions.empty()) CHECK_OK(sink_.check());
            return {};
        });
    }

  private:
    sql::SqlSettings settings_;
    sql::SqlSource source_;
    sql::SqlSink sink_;
    run::Pool& pool_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_sql(connector::Setup setup) {
    TRY(auto settings, sql::read_sql_settings(setup.settings.root(), setup.directory));
    return std::make_unique<SqlConnector>(std::move(settings), std::move(setup.credential), setup.blocking);
}

}  // namespace tributary::connectors
