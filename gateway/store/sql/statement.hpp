// Statement: one SQL text, prepared at its first use and kept. Arguments are bound in order, without being copied: they
// only have to live until the call returns. Rows are seen through a callback, and nothing of a Row outlives it.
// The callback must not run the same Statement.
// What is done to many rows is done by one call of run_all() or each_of_all(): an engine that is far away then takes
// few round trips for it.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/digest.hpp"
#include "gateway/store/sql/connection.hpp"

namespace tributary::store {

// An argument to be stored as bytes; a plain string is stored as text.
struct Blob {
    std::string_view bytes;
};

// A column that holds the id of an interned name, to be read as its text.
struct Named {
    std::string& text;
};

class Row {
  public:
    Row(Connection& connection, const Prepared& prepared) : connection_(connection), prepared_(prepared) {}
    // All columns in order.
    template <class... T>
    void read(T&&... into) const {
        int column = 0;
        (take(column++, into), ...);
    }
    std::int64_t integer(int column) const { return prepared_.integer(column); }
    std::string_view bytes(int column) const { return prepared_.bytes(column); }
    bool null(int column) const { return prepared_.null(column); }

  private:
    template <std::integral I>
    void take(int column, I& into) const {
        into = static_cast<I>(integer(column));
    }
    void take(int column, std::string& into) const { into = bytes(column); }
    void take(int column, Named& into) const;
    void take(int column, Digest& into) const;
    void take(int column, Uid& into) const;  // nil for NULL
    void take(int column, Timestamp& into) const { into = Timestamp{Milliseconds{integer(column)}}; }
    void take(int column, Milliseconds& into) const { into = Milliseconds{integer(column)}; }
    template <class T>
    void take(int column, std::optional<T>& into) const {
        if (null(column))
            into.reset();
        else
            take(column, into.emplace());
    }

    Connection& connection_;
    const Prepared& prepared_;
};

class Statement {
  public:
    Statement(Connection& connection, const char* sql) : connection_(connection), sql_(sql) {}
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    // Returns the number of rows changed.
    template <class... A>
    Result<std::int64_t> run(const A&... arguments) {
        CHECK_OK(start(arguments...));
        return finish();
    }
    // Calls use(row) for each row.
    template <class F, class... A>
    Result<void> each(F&& use, const A&... arguments) {
        CHECK_OK(start(arguments...));
        while (true) {
            auto more = prepared_->step();
            if (!more || !*more) return end(std::move(more));
            use(Row(connection_, *prepared_));
        }
    }
    // Calls use(row) for the first row. Whether there was one.
    template <class F, class... A>
    Result<bool> first(F&& use, const A&... arguments) {
        CHECK_OK(start(arguments...));
        auto more = prepared_->step();
        const bool found = more && *more;
        if (found) use(Row(connection_, *prepared_));
        CHECK_OK(end(std::move(more)));
        return found;
    }
    // Runs it `count` times, in order, up to the first error. give(i, with) calls with(arguments...) once and returns
    // its Result; then told(i, changed) hears how many rows the run changed. Neither runs the same Statement.
    template <class Give, class Told>
    Result<void> run_all(std::size_t count, Give&& give, Told&& told) {
        return all(count, give, [](std::size_t, const Row&) {}, told);
    }
    template <class Give>
    Result<void> run_all(std::size_t count, Give&& give) {
        return all(count, give, [](std::size_t, const Row&) {}, [](std::size_t, std::int64_t) {});
    }
    // The same with use(i, row) for each row of run i.
    template <class Give, class Use>
    Result<void> each_of_all(std::size_t count, Give&& give, Use&& use) {
        return all(count, give, use, [](std::size_t, std::int64_t) {});
    }
    // With each value in turn as the one argument.
    template <class T>
    Result<std::int64_t> run_for(std::span<const T> values) {
        std::int64_t sum = 0;
        CHECK_OK(run_all(
            values.size(), [&](std::size_t i, auto&& with) { return with(values[i]); },
            [&](std::size_t, std::int64_t changed) { sum += changed; }));
        return sum;
    }
    template <class T, class Use>
    Result<void> each_for(std::span<const T> values, Use&& use) {
        return each_of_all(values.size(), [&](std::size_t i, auto&& with) { return with(values[i]); }, use);
    }

  private:
    template <class Give, class Use, class Told>
    Result<void> all(std::size_t count, Give& give, Use&& use, Told&& told) {
        if (count == 0) return {};
        if (!prepared_) CHECK_OK(prepare());
        const auto together = prepared_->together();
        if (together == 1 || count == 1) {
            for (std::size_t i = 0; i < count; ++i) CHECK_OK(one_of(i, give, use, told));
            return {};
        }
        for (std::size_t begin = 0; begin < count; begin += together) {
            const auto end_of_some = std::min(begin + together, count);
            prepared_->clear_aside();
            for (auto i = begin; i < end_of_some; ++i)
                CHECK_OK(give(i, [&](const auto&... arguments) -> Result<void> {
                    CHECK_OK(start(arguments...));
                    return prepared_->put_aside();
                }));
            CHECK_OK(prepared_->run_aside());
            for (auto i = begin; i < end_of_some; ++i) {
                prepared_->next();
                CHECK_OK(see(i, use, told));
            }
        }
        return {};
    }
    template <class Give, class Use, class Told>
    Result<void> one_of(std::size_t i, Give& give, Use& use, Told& told) {
        return give(i, [&](const auto&... arguments) -> Result<void> {
            CHECK_OK(start(arguments...));
            return see(i, use, told);
        });
    }
    template <class Use, class Told>
    Result<void> see(std::size_t i, Use& use, Told& told) {
        auto more = prepared_->step();
        for (; more && *more; more = prepared_->step()) use(i, Row(connection_, *prepared_));
        CHECK_OK(end(std::move(more)));
        told(i, prepared_->changed());
        return {};
    }
    template <class... A>
    Result<void> start(const A&... arguments) {
        if (!prepared_) CHECK_OK(prepare());
        int index = 0;
        (bind(++index, arguments), ...);
        return {};
    }
    Result<void> prepare();
    Result<void> end(Result<bool> outcome);
    Result<std::int64_t> finish();

    void bind(int index, std::int64_t value) { prepared_->bind(index, value); }
    template <std::integral I>
    void bind(int index, I value) {
        bind(index, static_cast<std::int64_t>(value));
    }
    void bind(int index, std::string_view value) { prepared_->bind_text(index, value); }
    void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
    void bind(int index, const char* value) { bind(index, std::string_view(value)); }
    void bind(int index, Blob value) { prepared_->bind_blob(index, value.bytes); }
    void bind(int index, std::nullopt_t) { prepared_->bind_null(index); }
    void bind(int index, const Digest& value) { bind(index, Blob{value.view()}); }
    void bind(int index, const Uid& value);  // NULL for nil
    void bind(int index, Timestamp value) { bind(index, std::int64_t{value.time_since_epoch().count()}); }
    void bind(int index, Milliseconds value) { bind(index, std::int64_t{value.count()}); }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        if (value)
            bind(index, *value);
        else
            bind(index, std::nullopt);
    }

    Connection& connection_;
    const char* sql_;
    std::unique_ptr<Prepared> prepared_;
};

}  // namespace tributary::store
