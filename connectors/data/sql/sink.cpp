#include "connectors/data/sql/sink.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/data/sql/upsert.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::sql {

using connector::all_failed;
using connector::Push;
using connector::Receipt;
using Outcome = connector::Sink::Outcome;

namespace {

class Writer {
  public:
    Writer(const Action& action, const TableColumns& columns, Database& database)
        : action_(action), columns_(columns), database_(database) {}

    Result<Receipt> write(const Push& item) {
        const auto record = item.record.root();
        Receipt receipt;
        if (auto id = external_id(action_.key, record))
            receipt.remote_id = std::move(*id);
        else
            receipt.remote_id = item.remote_id;
        if (!item.deleted && !database_.dialect().on_conflict) {
            TRY(receipt.already_applied, update_else_insert(record));
            return receipt;
        }
        TRY(const auto statement, item.deleted ? delete_statement(action_, record, item.remote_id, database_)
                                               : upsert_statement(action_, columns_, record, database_));
        TRY(const auto changed, database_.execute(statement.text, statement.parameters));
        receipt.already_applied = changed == 0;
        return receipt;
    }

    // The fast form: stops at the first record that fails. nullopt: nothing was kept.
    std::optional<std::vector<Outcome>> write_all(const std::vector<Push>& items) {
        std::vector<Outcome> outcomes;
        for (const auto& item : items) {
            auto receipt = write(item);
            if (!receipt) {
                database_.rollback();
                return std::nullopt;
            }
            outcomes.push_back({std::move(receipt)});
        }
        return outcomes;
    }

    // A record that fails takes only its own change back. An error that is not the record's own ends the batch.
    Result<std::vector<Outcome>> write_each(const std::vector<Push>& items) {
        std::vector<Outcome> outcomes;
        if (!database_.dialect().savepoints) return write_alone(items);
        for (const auto& item : items) {
            CHECK_OK(database_.execute("SAVEPOINT one_record", {}));
            auto receipt = write(item);
            if (!receipt && receipt.error().fault != Fault::bad_input) return pass(std::move(receipt));
            if (!receipt) CHECK_OK(database_.execute("ROLLBACK TO SAVEPOINT one_record", {}));
            CHECK_OK(database_.execute("RELEASE SAVEPOINT one_record", {}));
            outcomes.push_back({std::move(receipt)});
        }
        return outcomes;
    }

  private:
    // Where there are no savepoints each record has a transaction of its own, the last one open.
    Result<std::vector<Outcome>> write_alone(const std::vector<Push>& items) {
        std::vector<Outcome> outcomes;
        for (const auto& item : items) {
            if (!outcomes.empty()) CHECK_OK(database_.commit());
            if (!outcomes.empty()) CHECK_OK(database_.begin());
            auto receipt = write(item);
            if (!receipt && receipt.error().fault != Fault::bad_input) return pass(std::move(receipt));
            if (!receipt) {
                database_.rollback();
                CHECK_OK(database_.begin());
            }
            outcomes.push_back({std::move(receipt)});
        }
        return outcomes;
    }

    // True when the row was there and stayed as it was.
    Result<bool> update_else_insert(value::Node record) {
        TRY(const auto statements, update_or_insert(action_, columns_, record, database_));
        if (statements.update) {
            TRY(const auto changed, database_.execute(statements.update->text, statements.update->parameters));
            if (changed > 0) return false;
        }
        // Some drivers count what changed, not what was found.
        TRY(const auto found, database_.query(statements.exists.text, statements.exists.parameters));
        if (!found.empty() && found.front().columns.root().find("found").integer() > 0) return true;
        TRY(std::ignore, database_.execute(statements.insert.text, statements.insert.parameters));
        return false;
    }

    const Action& action_;
    const TableColumns& columns_;
    Database& database_;
};

Result<TableColumns> columns_of(const Action& action, Database& database) {
    TRY(auto all, database.columns(database.dialect().table(action.table)));
    TRY(auto rounding, database.rounding_columns(database.dialect().table(action.table)));
    return TableColumns{std::move(all), std::move(rounding)};
}

// A record of all columns, to try the statement out.
value::Document sample(const std::vector<std::string>& columns) {
    value::Builder out;
    out.begin_object();
    for (const auto& column : columns) out.key(column).boolean(true);
    return out.end().take();
}

}  // namespace

Result<const Action*> SqlSink::find(const std::string& name) const {
    if (const auto found = settings_.actions.find(name); found != settings_.actions.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, action] : settings_.actions) names.push_back(known);
    return fail(Fault::bad_config,
                fmt::format("there is no action {}; settings.actions has {}", name, join(names, ", ")));
}

std::size_t SqlSink::batch_limit(const std::string& name) const {
    const auto action = find(name);
    return action ? (*action)->batch : 1;
}

std::vector<Outcome> SqlSink::write(const std::string& name, const std::vector<Push>& items) {
    auto written = session_.with([&](Database& database) -> Result<std::vector<Outcome>> {
        TRY(const auto* const action, find(name));
        TRY(const auto columns, columns_of(*action, database));
        Writer writer(*action, columns, database);
        CHECK_OK(database.begin());
        auto outcomes = writer.write_all(items);
        if (!outcomes) {
            CHECK_OK(database.begin());
            auto each = writer.write_each(items);
            if (!each) {
                database.rollback();
                return pass(std::move(each));
            }
            outcomes = std::move(*each);
        }
        if (auto held = run::Hold::check(items.front().hold.get()); !held) {
            database.rollback();
            return pass(std::move(held));
        }
        if (auto committed = database.commit(); !committed) {
            // A connection that broke during the commit leaves open whether it was made.
            return all_failed(items.size(), committed.error(), committed.error().fault == Fault::transient);
        }
        return std::move(*outcomes);
    });
    if (!written) return all_failed(items.size(), written.error());
    return std::move(*written);
}

run::Task<std::vector<Outcome>> SqlSink::push(std::string action, std::vector<Push> items) {
    co_return co_await run::on(
        pool_, [this, action = std::move(action), items = std::move(items)] { return write(action, items); });
}

run::Task<Result<std::optional<Receipt>>> SqlSink::look_up(std::string, const Push&) {
    // The row may be there from an earlier state: only the upsert itself tells, and it is harmless.
    co_return std::optional<Receipt>();
}

Result<void> SqlSink::check() {
    return session_.with([&](Database& database) -> Result<void> {
        for (const auto& [name, action] : settings_.actions) {
            const auto check = [&]() -> Result<void> {
                TRY(const auto columns, columns_of(action, database));
                for (const auto& column : action.key) {
                    if (std::ranges::find(columns.all, column) != columns.all.end()) continue;
                    const auto meant = nearest(column, columns.all);
                    return fail(Fault::bad_config, fmt::format("the table has no key column {}{}", column,
                                                               meant ? ", but " + *meant : ""));
                }
                const auto record = sample(columns.all);
                if (!database.dialect().on_conflict) {
                    TRY(const auto statements, update_or_insert(action, columns, record.root(), database));
                    CHECK_OK(database.prepare(statements.insert.text));
                    return statements.update ? database.prepare(statements.update->text) : Result<void>();
                }
                TRY(const auto statement, upsert_statement(action, columns, record.root(), database));
                return database.prepare(statement.text);
            };
            if (auto checked = check(); !checked) return pass(std::move(checked), "action " + name);
        }
        return {};
    });
}

}  // namespace tributary::connectors::sql
