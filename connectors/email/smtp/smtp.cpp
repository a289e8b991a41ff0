#include "connectors/email/smtp/smtp.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/smtp/smtp_settings.hpp"
#include "connectors/email/smtp/unsubscribe.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connectors {

namespace {

using connector::Push;
using connector::Receipt;
using smtp::MailTemplate;
using smtp::SmtpSettings;
using smtp::Transport;
using Outcome = connector::Sink::Outcome;

class SmtpSink final : public connector::Sink {
  public:
    SmtpSink(const SmtpSettings& settings, const smtp::UnsubscribeHook& hook, const connector::Setup& setup)
        : settings_(settings),
          hook_(hook),
          connection_(setup.connection),
          logins_(setup),
          clock_(setup.clock()),
          random_(setup.random),
          pool_(setup.blocking) {}

    // The Message-ID stays the same over all attempts, but nobody promises to drop a second mail.
    connector::Idempotency idempotency(const std::string&) const override { return connector::Idempotency::none; }
    std::size_t batch_limit(const std::string&) const override { return 20; }

    run::Task<std::vector<Outcome>> push(std::string action, std::vector<Push> items) override {
        const auto form = settings_.mails.find(action);
        if (form == settings_.mails.end())
            co_return connector::all_failed(
                items.size(), {Fault::bad_config, fmt::format("there is no action {} in settings.actions", action)});
        auto outcomes = co_await logins_.with_login(
            pool_, [&](const std::optional<email::MailLogin>& login) -> Result<std::vector<Outcome>> {
                auto sent = send(login, action, form->second, items);
                if (all_unauthorized(sent)) return fail(sent.front().result.error());
                return sent;
            });
        co_return outcomes ? *std::move(outcomes) : connector::all_failed(items.size(), outcomes.error());
    }

    run::Task<Result<std::optional<Receipt>>> look_up(std::string, const Push&) override {
        co_return fail(Fault::refused, "SMTP cannot tell whether a mail arrived");
    }

    // Connects and logs in.
    run::Task<Result<void>> check() {
        return logins_.with_login(pool_, [this](const std::optional<email::MailLogin>& login) {
            return Transport(settings_.server, login).check();
        });
    }
    connector::Login* login() const { return logins_.login(); }

  private:
    static bool all_unauthorized(const std::vector<Outcome>& outcomes) {
        return std::ranges::all_of(outcomes, [](const Outcome& one) {
            return !one.result && !one.ambiguous && one.result.error().fault == Fault::unauthorized;
        });
    }

    // The same for every attempt at one item, and for no other.
    std::string message_id(const Push& item) const {
        const auto digest = crypto::sha256(fmt::format("{}\n{}", connection_, item.idempotency_key));
        return fmt::format("{}@{}", to_hex(digest.view().substr(0, 16)), settings_.server.domain);
    }

    Outcome send_one(Transport& transport, const std::string& action, const MailTemplate& form, const Push& item) {
        if (item.deleted) return {Receipt{.already_applied = true}};  // nothing is mailed about what is gone
        auto mail = smtp::fill(settings_, form, item.record.root());
        if (!mail) return {pass(std::move(mail))};
        mail->message_id = message_id(item);
        if (form.one_click) {
            auto links = hook_.links();
            if (!links) return {pass(std::move(links))};
            const smtp::Unsubscriber who{mail->to.mail, action};
            mail->unsubscribe = fmt::format("{}/{}", settings_.unsubscribe_url, links->token(who, random_));
        }
        mail->date = clock_.now();
        const auto bytes = smtp::write_mail(*mail);
        if (!bytes) return {fail(bytes.error())};
        if (auto held = run::Hold::check(item.hold.get()); !held) return {fail(held.error())};
        auto sent = transport.send(*mail, *bytes);
        if (!sent.result) return {pass(std::move(sent.result)), sent.ambiguous};
        return {Receipt{.remote_id = mail->message_id}};
    }

    // Blocks.
    std::vector<Outcome> send(const std::optional<email::MailLogin>& login, const std::string& action,
                              const MailTemplate& form, const std::vector<Push>& items) {
        Transport transport(settings_.server, login);
        std::vector<Outcome> outcomes;
        for (const auto& item : items) outcomes.push_back(send_one(transport, action, form, item));
        return outcomes;
    }

    const SmtpSettings& settings_;
    const smtp::UnsubscribeHook& hook_;
    std::string connection_;
    email::MailLogins logins_;
    const Clock& clock_;
    crypto::Random& random_;
    run::Pool& pool_;
};

class SmtpConnector final : public connector::Connector {
  public:
    SmtpConnector(SmtpSettings settings, connector::Setup setup)
        : settings_(std::move(settings)),
          hook_(setup.connection, setup.credential, setup.clock()),
          sink_(settings_, hook_, setup) {}

    connector::Sink* sink() override { return &sink_; }
    const connector::Hook* hook() const override { return settings_.unsubscribe_url.empty() ? nullptr : &hook_; }
    connector::Login* login() override { return sink_.login(); }
    run::Task<Result<void>> check() override { return sink_.check(); }

  private:
    SmtpSettings settings_;
    smtp::UnsubscribeHook hook_;
    SmtpSink sink_;
};

}  // namespace

Result<std::unique_ptr<connector::Connector>> make_smtp(connector::Setup setup) {
    TRY(auto settings, smtp::read_smtp_settings(setup.settings.root(), setup.directory));
    return std::make_unique<SmtpConnector>(std::move(settings), std::move(setup));
}

}  // namespace tributary::connectors
