#include "gateway/app/program_kms.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/subprocess.hpp"
#include "gateway/run/watchdog.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kLongestAnswer = 64 << 10;
constexpr std::size_t kLongestError = 200;

void wipe_text(std::string& text) {
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

run::Task<> drain_errors(std::shared_ptr<run::Subprocess> process) {
    while (!(co_await process->read_errors()).empty()) {
    }
}

run::Task<Result<std::string>> talk(run::Loop& loop, run::Timers& timers, const run::Program& program,
                                    const std::string& request, Milliseconds timeout) {
    CO_TRY(const auto process, run::Subprocess::start(loop.executor(), program));
    run::Watchdog watchdog(loop.executor(), timers, timeout, [process] { process->kill(); });
    run::spawn(loop.executor(), drain_errors(process));
    std::ignore = co_await process->write(request);  // one that does not read tells why by how it ends
    process->close_input();
    std::string answer;
    for (;;) {
        auto some = co_await process->read_output();
        if (some.empty()) break;
        answer += some;
        wipe_text(some);
        if (answer.size() > kLongestAnswer) process->kill();
    }
    const auto exit = co_await process->wait();
    if (watchdog.acted()) co_return fail(Fault::transient, "the key service gave no answer in time");
    if (answer.size() > kLongestAnswer) co_return fail(Fault::transient, "the key service answers without end");
    if (!exit.good())
        co_return fail(Fault::transient, "the program of the key service ended with " + exit.text() +
                                             "; run it by hand with {\"operation\": \"status\"} to see why");
    co_return answer;
}

}  // namespace

Result<value::Document> ProgramKms::call(std::string request) const {
    request += "\n";
    run::Loop loop("key service");
    run::SystemTimers timers;
    run::Program program{.command = command_, .environment = run::plain_environment(), .directory = {}, .files = {}};
    auto answer = run::run_blocking(loop, talk(loop, timers, program, request, timeout_));
    wipe_text(request);
    if (!answer) return pass(std::move(answer), command_.front());
    auto parsed = value::parse_json(*answer);
    wipe_text(*answer);
    if (!parsed) return fail(Fault::transient, "the key service does not answer in JSON", command_.front());
    if (const auto error = parsed->root().find("error"))
        return fail(Fault::refused, "the key service says: " + error.scalar_text().substr(0, kLongestError),
                    command_.front());
    return std::move(*parsed);
}

Result<std::string> ProgramKms::status() {
    TRY(const auto answer, call("{\"operation\":\"status\"}"));
    const auto id = answer.root().find("key_id").text();
    if (id.empty()) return fail(Fault::transient, "the key service names no key_id", command_.front());
    return std::string(id);
}

Result<vault::WrappedRoot> ProgramKms::wrap(const crypto::SecretBytes& key) {
    auto text = to_base64(key.reveal());
    auto request = "{\"operation\":\"wrap\",\"plaintext\":\"" + text + "\"}";
    wipe_text(text);
    TRY(const auto answer, call(std::move(request)));
    vault::WrappedRoot wrapped{std::string(answer.root().find("key_id").text()),
                               std::string(answer.root().find("ciphertext").text())};
    if (wrapped.key_id.empty() || wrapped.bytes.empty())
        return fail(Fault::transient, "the key service gave no key_id and ciphertext", command_.front());
    return wrapped;
}

Result<crypto::SecretBytes> ProgramKms::unwrap(const vault::WrappedRoot& wrapped) {
    value::Builder request;
    request.begin_object().key("operation").text("unwrap").key("key_id").text(wrapped.key_id);
    request.key("ciphertext").text(wrapped.bytes).end();
    TRY(const auto answer, call(value::to_json(request.take().root())));
    auto key = from_base64(answer.root().find("plaintext").text());
    if (!key || key->empty()) return fail(Fault::transient, "the key service gave no plaintext", command_.front());
    crypto::SecretBytes kept(*key);
    wipe_text(*key);
    return kept;
}

}  // namespace tributary::app
