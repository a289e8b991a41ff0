#include "gateway/connector/declarative/exchange_tokens.hpp"

namespace tributary::connector {

ExchangeTokens::ExchangeTokens(std::shared_ptr<const Definition> definition, Setup setup)
    : definition_(std::move(definition)), exchange_(*definition_, std::move(setup), nullptr) {}

Result<std::shared_ptr<TokenSource>> ExchangeTokens::make(std::shared_ptr<const Definition> definition, Setup setup) {
    std::shared_ptr<ExchangeTokens> out(new ExchangeTokens(std::move(definition), std::move(setup)));
    if (!out->exchange_.has_session()) return nullptr;
    CHECK_OK(out->exchange_.prepare());
    if (out->exchange_.granted()) out->login_ = std::make_unique<DeclarativeLogin>(out->exchange_);
    return out;
}

run::Task<Result<crypto::SecretBytes>> ExchangeTokens::token() {
    auto token = co_await exchange_.session_token();
    if (!token) co_return pass(std::move(token));
    co_return crypto::SecretBytes(*token);
}

}  // namespace tributary::connector
