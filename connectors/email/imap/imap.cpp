#include "connectors/email/imap/imap.hpp"

#include "connectors/email/imap/imap_source.hpp"

namespace tributary::connectors {

namespace {

class ImapConnector final : public connector::Connector {
  public:
    ImapConnector(imap::ImapSettings settings, connector::Setup setup)
        : settings_(std::move(settings)), source_(settings_, std::move(setup)) {}

    connector::Source* source() override { return &source_; }
    connector::Login* login() override { return source_.login(); }
    run::Task<Result<void>> check() override { return source_.check(); }

  private:
    imap::ImapSettings settings_;
    imap::ImapSource source_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_imap(connector::Setup setup) {
    TRY(auto settings, imap::read_imap_settings(setup.settings.root(), setup.directory));
    return std::make_unique<ImapConnector>(std::move(settings), std::move(setup));
}

}  // namespace tributary::connectors
