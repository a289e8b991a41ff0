#include "connectors/data/file/file.hpp"

#include "connectors/data/file/file_sink.hpp"
#include "connectors/data/file/file_source.hpp"

namespace tributary::connectors {

namespace {

class FileConnector final : public connector::Connector {
  public:
    FileConnector(file::FileSettings settings, const Clock& clock, run::Pool& pool)
        : settings_(std::move(settings)), source_(settings_, clock, pool), sink_(settings_, pool), pool_(pool) {}

    connector::Source* source() override { return settings_.streams.empty() ? nullptr : &source_; }
    connector::Sink* sink() override { return settings_.actions.empty() ? nullptr : &sink_; }

    run::Task<Result<void>> check() override {
        co_return co_await run::on(pool_, [this]() -> Result<void> {
            CHECK_OK(source_.check());
            return sink_.check();
        });
    }

  private:
    file::FileSettings settings_;
    file::FileSource source_;
    file::FileSink sink_;
    run::Pool& pool_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_file(connector::Setup setup) {
    TRY(auto settings, file::read_file_settings(setup.settings.root(), setup.directory));
    return std::make_unique<FileConnector>(std::move(settings), setup.clock(), setup.blocking);
}

}  // namespace tributary::connectors
