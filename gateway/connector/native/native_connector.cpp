#include "gateway/connector/native/native_connector.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"

namespace tributary::connector {

using namespace native;

namespace {

class NativeConnector final : public Connector, public Source, public Sink {
  public:
    NativeConnector(std::unique_ptr<Calls> calls, const Description& about) : calls_(std::move(calls)), about_(about) {
        // What the connector.yaml promises counts until the library has been asked.
        for (const auto& action : about.actions) abilities_.actions[action.name] = {action.idempotency, action.batch};
    }

    Source* source() override { return about_.has_source() ? this : nullptr; }
    Sink* sink() override { return about_.has_sink() ? this : nullptr; }

    run::Task<Result<void>> check() override {
        known_ = false;
        CO_CHECK_OK(co_await learn());
        auto answer = co_await ask("check", "{}");
        if (!answer) co_return fail(std::move(answer).error().error);
        co_return Result<void>{};
    }

    run::Task<Result<Page>> pull(std::string stream, Cursor cursor) override {
        CO_CHECK_OK(co_await know_stream(stream));
        auto answer = co_await ask("pull", pull_request(stream, cursor));
        if (!answer) co_return fail(std::move(answer).error().error);
        co_return page_of(answer->root());
    }

    run::Task<Result<SourceRecord>> fetch(std::string stream, std::string id) override {
        CO_CHECK_OK(co_await know_stream(stream));
        auto answer = co_await ask("fetch", fetch_request(stream, id));
        if (!answer) co_return fail(std::move(answer).error().error);
        co_return record_of(answer->root().find("record"));
    }

    Idempotency idempotency(const std::string& action) const override {
        const auto found = abilities_.actions.find(action);
        return found == abilities_.actions.end() ? Idempotency::none : found->second.idempotency;
    }
    std::size_t batch_limit(const std::string& action) const override {
        const auto found = abilities_.actions.find(action);
        return found == abilities_.actions.end() ? 1 : found->second.batch;
    }

    run::Task<std::vector<Outcome>> push(std::string action, std::vector<Push> items) override {
        if (auto learned = co_await know_action(action); !learned) co_return all_failed(items.size(), learned.error());
        if (auto held = run::Hold::check(items.front().hold.get()); !held)
            co_return all_failed(items.size(), held.error());
        auto answer = co_await ask("push", push_request(action, items));
        if (!answer) co_return all_failed(items.size(), answer.error().error, answer.error().ambiguous);
        auto outcomes = outcomes_of(answer->root(), items.size());
        if (!outcomes) co_return all_failed(items.size(), outcomes.error(), true);
        for (const auto& outcome : *outcomes)
            if (!outcome.result) note(outcome.result.error());
        co_return *std::move(outcomes);
    }

    run::Task<Result<std::optional<Receipt>>> look_up(std::string action, const Push& item) override {
        auto request = look_up_request(action, item);
        CO_CHECK_OK(co_await know_action(action));
        auto answer = co_await ask("look_up", std::move(request));
        if (!answer) co_return fail(std::move(answer).error().error);
        const auto receipt = answer->root().find("receipt");
        if (!receipt) co_return std::optional<Receipt>();
        co_return receipt_of(receipt);
    }

  private:
    // A credential that is refused may have been rotated: the next call opens with the present one.
    void note(const Error& error) {
        if (error.fault == Fault::unauthorized) calls_->reopen();
    }

    run::Task<native::Answer<value::Document>> ask(std::string operation, std::string request) {
        auto text = co_await calls_->call(std::move(operation), std::move(request));
        if (!text) co_return std::unexpected(std::move(text).error());
        auto answer = read_answer(*text);
        if (!answer) note(answer.error().error);
        co_return answer;
    }

    run::Task<Result<void>> learn() {
        if (known_) co_return Result<void>{};
        auto answer = co_await ask("describe", "{}");
        if (!answer) co_return fail(std::move(answer).error().error);
        CO_TRY(abilities_, abilities_of(answer->root()));
        known_ = true;
        co_return Result<void>{};
    }

    static Error unknown(std::string_view kind, const std::string& name, const std::vector<std::string>& names) {
        const auto near = nearest(name, names);
        return {Fault::bad_config, fmt::format("the plug-in has no {} '{}'; {}", kind, name,
                                               near            ? "did you mean '" + *near + "'?"
                                               : names.empty() ? "it has none"
                                                               : "it has " + join(names, ", "))};
    }

    run::Task<Result<void>> know_stream(std::string stream) {
        CO_CHECK_OK(co_await learn());
        if (std::ranges::count(abilities_.streams, stream)) co_return Result<void>{};
        co_return fail(unknown("stream", stream, abilities_.streams));
    }

    run::Task<Result<void>> know_action(std::string action) {
        CO_CHECK_OK(co_await learn());
        if (abilities_.actions.contains(action)) co_return Result<void>{};
        std::vector<std::string> names;
        for (const auto& [name, _] : abilities_.actions) names.push_back(name);
        co_return fail(unknown("action", action, names));
    }

    std::unique_ptr<Calls> calls_;
    Description about_;
    Abilities abilities_;
    bool known_ = false;
};

}  // namespace

std::filesystem::path library_of(const NativeRule& rule, const Description& about) {
    return about.file.parent_path() / rule.library;
}

Result<std::unique_ptr<Connector>> make_native(const NativeRule& rule, const Description& about, Setup setup,
                                               std::vector<std::string> host) {
    std::vector<CredentialDescription> fields = about.credentials;
    // The settings are shared with the function below, which the connection's calls hold.
    auto settings = std::make_shared<const value::Document>(std::move(setup.settings));
    OpenRequest open = [settings, fields = std::move(fields), credential = setup.credential,
                        connection = setup.connection]() -> Result<std::string> {
        std::vector<std::pair<std::string, std::string>> credentials;
        for (const auto& field : fields) {
            if (!credential && !field.required) continue;
            if (!credential)
                return fail(Fault::bad_config, "the connection has no credentials, but needs " + field.name);
            auto secret = credential(field.name);
            if (!secret && !field.required) continue;
            if (!secret) return pass(std::move(secret));
            credentials.emplace_back(field.name, secret->reveal());
        }
        return open_request(connection, settings->root(), credentials);
    };
    CallSetup calls{.library = library_of(rule, about),
                    .limit = rule.call_timeout,
                    .connection = setup.connection,
                    .open = std::move(open),
                    .timers = setup.timers,
                    .log = setup.log};
    if (rule.own_process)
        return std::make_unique<NativeConnector>(calls_in_process(std::move(calls), std::move(host)), about);
    TRY(auto thread, calls_on_thread(std::move(calls)));
    return std::make_unique<NativeConnector>(std::move(thread), about);
}

}  // namespace tributary::connector
