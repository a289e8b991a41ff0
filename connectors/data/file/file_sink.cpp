#include "connectors/data/file/file_sink.hpp"

#include <fmt/format.h>

#include <set>

#include "connectors/data/file/record_lines.hpp"

namespace tributary::connectors::file {

using connector::Push;
using connector::Receipt;
using Outcome = connector::Sink::Outcome;

Result<FileSink::Output*> FileSink::open(const std::string& name) {
    const auto action = settings_.actions.find(name);
    if (action == settings_.actions.end()) {
        return fail(Fault::bad_config, fmt::format("there is no action {} in settings.actions", name));
    }
    if (const auto known = outputs_.find(name); known != outputs_.end()) return &known->second;
    auto file = FileHandle::open_append(action->second.path);
    if (!file && file.error().fault == Fault::not_found) {
        return fail(Fault::bad_config, fmt::format("the directory of {} is not there", action->second.path.string()));
    }
    if (!file) return pass(std::move(file));
    TRY(auto journal, Journal::open(action->second.path, *file));
    return &outputs_.emplace(name, Output{std::move(*file), std::move(journal)}).first->second;
}

Result<void> FileSink::append(Output& output, const std::vector<std::string>& keys, std::string_view bytes) {
    TRY(const auto stat, output.file.stat());
    CHECK_OK(output.journal.intent(keys, stat.size, bytes));
    auto written = output.file.append(bytes);
    if (written) written = output.file.sync();
    if (!written) {
        // An fsync that failed may have dropped the pages and cannot be asked again: the bytes are written anew.
        std::ignore = output.file.truncate(stat.size);
        return written;
    }
    return output.journal.done(keys);
}

std::vector<Outcome> FileSink::write(const std::string& name, const std::vector<Push>& items) {
    const std::scoped_lock lock(mutex_);
    auto output = open(name);
    if (!output) return connector::all_failed(items.size(), output.error());
    const auto& action = settings_.actions.at(name);
    std::vector<Outcome> outcomes;
    std::vector<std::string> keys;
    std::set<std::string_view> fresh;
    std::string bytes;
    const auto stat = (*output)->file.stat();
    if (stat && stat->size == 0 && action.format == Format::csv)
        value::CsvWriter(action.columns, action.csv).header(bytes);
    for (const auto& item : items) {
        const bool known = (*output)->journal.knows(item.idempotency_key) || fresh.contains(item.idempotency_key);
        auto added = known ? Result<void>() : add_item(action, item, bytes);
        if (!known && added) {
            fresh.insert(item.idempotency_key);
            keys.push_back(item.idempotency_key);
        }
        outcomes.push_back(added ? Outcome{Receipt{.already_applied = known}}
                                 : Outcome{fail(std::move(added).error())});
    }
    if (keys.empty()) return outcomes;
    auto written = run::Hold::check(items.front().hold.get());
    if (written) written = append(**output, keys, bytes);
    if (!written) {
        // Closed, so that the next push opens it again and puts right what was written in part.
        outputs_.erase(name);
        for (auto& outcome : outcomes) {
            if (outcome.result) outcome = Outcome{fail(written.error())};
        }
    }
    return outcomes;
}

run::Task<std::vector<Outcome>> FileSink::push(std::string action, std::vector<Push> items) {
    co_return co_await run::on(
        pool_, [this, action = std::move(action), items = std::move(items)] { return write(action, items); });
}

run::Task<Result<std::optional<Receipt>>> FileSink::look_up(std::string action, const Push& item) {
    co_return co_await run::on(
        pool_, [this, action = std::move(action), key = item.idempotency_key]() -> Result<std::optional<Receipt>> {
            const std::scoped_lock lock(mutex_);
            TRY(auto* const output, open(action));
            if (!output->journal.knows(key)) return std::nullopt;
            return Receipt{.already_applied = true};
        });
}

Result<void> FileSink::check() {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, action] : settings_.actions) {
        if (auto opened = open(name); !opened) return pass(std::move(opened), "action " + name);
    }
    return {};
}

}  // namespace tributary::connectors::file
