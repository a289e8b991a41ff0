#include "connectors/email/mail_login.hpp"

namespace tributary::connectors::email {

// nullopt: the secret has no such field.
Result<std::optional<crypto::SecretBytes>> MailLogins::field(std::string_view name) const {
    if (!credential_) return std::nullopt;
    auto value = credential_(name);
    if (value) return std::move(*value);
    const auto fault = value.error().fault;
    if (fault == Fault::bad_config || fault == Fault::not_found) return std::nullopt;
    return pass(std::move(value));
}

run::Task<Result<std::optional<MailLogin>>> MailLogins::read() {
    auto username = field("username");
    if (!username) co_return pass(std::move(username));
    if (!*username && tokens_) co_return fail(Fault::bad_config, "the credentials have no username");
    if (!*username) co_return std::nullopt;
    MailLogin out{.username = std::move(**username)};
    if (tokens_) {
        auto token = co_await tokens_->token();
        if (!token) co_return pass(std::move(token));
        out.access_token = std::move(*token);
        co_return out;
    }
    auto token = field("access_token");
    if (!token) co_return pass(std::move(token));
    if (*token && !(*token)->empty()) {
        out.access_token = std::move(**token);
        co_return out;
    }
    auto password = credential_("password");
    if (!password) co_return pass(std::move(password));
    out.password = std::move(*password);
    co_return out;
}

bool MailLogins::renew(const MailLogin& refused) {
    if (!tokens_) return false;
    tokens_->refused(refused.access_token);
    return true;
}

}  // namespace tributary::connectors::email
