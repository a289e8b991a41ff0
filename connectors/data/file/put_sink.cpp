#include "connectors/data/file/put_sink.hpp"

#include <fmt/format.h>

#include "connectors/data/file/record_lines.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connectors::file {

using connector::Push;
using connector::Receipt;
using Outcome = connector::Sink::Outcome;

std::string as_file_name(std::string_view value) {
    auto name = replace_all(value::percent_encode(value), "~", "%7E");
    return name.starts_with('.') ? "%2E" + name.substr(1) : name;
}

Result<Receipt> PutSink::put(const std::string& name, const Push& item) {
    const auto found = settings_.actions.find(name);
    if (found == settings_.actions.end())
        return fail(Fault::bad_config, fmt::format("there is no action {} in settings.actions", name));
    const auto& action = found->second;
    TRY(const auto file, action.name.render(item.record.root(), as_file_name));
    if (file.empty() || file.size() > 200)
        return fail(Fault::bad_input, "the file's name would be empty or longer than 200 characters");
    std::string bytes;
    if (action.format == Format::csv) value::CsvWriter(action.columns, action.csv).header(bytes);
    CHECK_OK(add_item(action, item, bytes));
    CHECK_OK(run::Hold::check(item.hold.get()));
    CHECK_OK(location_.put(action.folder, file, bytes));
    return Receipt{.remote_id = file};
}

run::Task<std::vector<Outcome>> PutSink::push(std::string action, std::vector<Push> items) {
    co_return co_await run::on(pool_, [this, action = std::move(action), items = std::move(items)] {
        std::vector<Outcome> outcomes;
        for (const auto& item : items) outcomes.push_back({put(action, item)});
        return outcomes;
    });
}

run::Task<Result<std::optional<Receipt>>> PutSink::look_up(std::string, const Push&) {
    // The file may be there from an earlier state: only the put itself tells, and it is harmless.
    co_return std::optional<Receipt>();
}

}  // namespace tributary::connectors::file
