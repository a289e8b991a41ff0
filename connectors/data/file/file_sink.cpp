#include "connectors/data/file/file_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::file {

using connector::Push;
using connector::Receipt;
using Outcome = connector::Sink::Outcome;

namespace {

// Says that the record is gone: an extra member of a line, or a column of that name.
constexpr std::string_view kDeleted = "_deleted";

Result<value::Document> as_deleted(const value::Document& record) {
    value::Builder out;
    out.begin_object().key(kDeleted).boolean(true);
    for (auto member : record.root()) {
        if (member.key() != kDeleted) out.key(member.key()).copy(member);
    }
    return out.end().take();
}

Result<void> add_line(const Action& action, value::Node record, std::string& out) {
    if (action.format == Format::ndjson) {
        value::write_json(record, out);
        out += '\n';
        return {};
    }
    for (auto member : record) {
        const std::string name(member.key());
        if (std::ranges::find(action.columns, name) != action.columns.end()) continue;
        const auto meant = nearest(name, action.columns);
        return fail(Fault::bad_input, fmt::format("the file has no column {}{}", name, meant ? ", but " + *meant : ""));
    }
    value::CsvWriter(action.columns, action.csv).row(record, out);
    return {};
}

Result<void> add_item(const Action& action, const Push& item, std::string& out) {
    if (!item.record.root().is(value::Kind::object)) return fail(Fault::bad_input, "the record must be an object");
    if (!item.deleted) return add_line(action, item.record.root(), out);
    TRY(const auto deleted, as_deleted(item.record));
    return add_line(action, deleted.root(), out);
}

}  // namespace

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
    if (!output) return std::vector<Outcome>(items.size(), Outcome{fail(output.error())});
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
    if (auto written = append(**output, keys, bytes); !written) {
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
