#include "connectors/data/file/file.hpp"

#include "connectors/data/file/file_sink.hpp"
#include "connectors/data/file/file_source.hpp"
#include "connectors/data/file/put_sink.hpp"

namespace tributary::connectors {

namespace {

class FileConnector final : public connector::Connector {
  public:
    FileConnector(file::FileSettings settings, const connector::Setup& setup)
        : settings_(std::move(settings)),
          location_(place(settings_, setup)),
          source_(settings_, *location_, setup.clock(), setup.blocking),
          sink_(settings_, setup.blocking),
          put_sink_(settings_, *location_, setup.blocking),
          pool_(setup.blocking) {}

    connector::Source* source() override { return settings_.streams.empty() ? nullptr : &source_; }
    connector::Sink* sink() override {
        return settings_.actions.empty() ? nullptr : local() ? static_cast<connector::Sink*>(&sink_) : &put_sink_;
    }

    run::Task<Result<void>> check() override {
        co_return co_await run::on(pool_, [this]() -> Result<void> {
            CHECK_OK(source_.check());
            return local() ? sink_.check() : Result<void>();
        });
    }

  private:
    static std::unique_ptr<file::Location> place(const file::FileSettings& settings, const connector::Setup& setup) {
        if (const auto* const sftp = std::get_if<file::SftpPlace>(&settings.location))
            return file::make_sftp_location(*sftp, setup);
        if (const auto* const s3 = std::get_if<file::S3Place>(&settings.location))
            return file::make_s3_location(*s3, setup);
        return file::make_local_location();
    }
    bool local() const { return std::holds_alternative<std::monostate>(settings_.location); }

    file::FileSettings settings_;
    std::unique_ptr<file::Location> location_;
    file::FileSource source_;
    file::FileSink sink_;
    file::PutSink put_sink_;
    run::Pool& pool_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_file(connector::Setup setup) {
    TRY(auto settings, file::read_file_settings(setup.settings.root(), setup.directory));
    return std::make_unique<FileConnector>(std::move(settings), setup);
}

}  // namespace tributary::connectors
