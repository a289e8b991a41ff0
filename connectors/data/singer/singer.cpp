#include "connectors/data/singer/singer.hpp"

#include "connectors/data/singer/singer_sink.hpp"
#include "connectors/data/singer/singer_source.hpp"

namespace tributary::connectors {
namespace {

class SingerConnector final : public connector::Connector {
  public:
    SingerConnector(singer::SingerSettings settings, connector::Setup setup)
        : settings_(std::move(settings)), setup_(std::move(setup)) {
        if (settings_.tap) source_.emplace(settings_, setup_);
        if (settings_.target) sink_.emplace(settings_, setup_);
    }

    connector::Source* source() override { return source_ ? &*source_ : nullptr; }
    connector::Sink* sink() override { return sink_ ? &*sink_ : nullptr; }

    run::Task<Result<void>> check() override {
        if (source_) CO_CHECK_OK(co_await source_->check());
        if (sink_) CO_CHECK_OK(co_await sink_->check());
        co_return Result<void>{};
    }

  private:
    singer::SingerSettings settings_;
    connector::Setup setup_;
    std::optional<singer::SingerSource> source_;
    std::optional<singer::SingerSink> sink_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_singer(connector::Setup setup) {
    TRY(auto settings, singer::read_singer_settings(std::move(setup.settings), setup.directory));
    return std::make_unique<SingerConnector>(std::move(settings), std::move(setup));
}

}  // namespace tributary::connectors
