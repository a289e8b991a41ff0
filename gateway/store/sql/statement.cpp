#include "gateway/store/sql/statement.hpp"

#include <algorithm>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {

void Row::take(int column, Named& into) const {
    into.text = connection_.names().text(integer(column));
}

void Row::take(int column, Digest& into) const {
    const auto data = bytes(column);
    into = Digest{};
    std::copy_n(data.begin(), std::min(data.size(), into.size()), into.begin());
}

void Row::take(int column, Uid& into) const {
    const auto data = bytes(column);
    into = Uid{};
    std::copy_n(data.begin(), std::min(data.size(), into.bytes.size()), into.bytes.begin());
}

Result<void> Statement::prepare() {
    TRY(prepared_, connection_.prepare(sql_));
    return {};
}

Result<void> Statement::end(Result<bool> outcome) {
    prepared_->reset();
    if (!outcome) return pass(std::move(outcome));
    if (auto deferred = connection_.take_deferred()) return fail(std::move(*deferred));
    return {};
}

Result<std::int64_t> Statement::finish() {
    auto more = prepared_->step();
    while (more && *more) more = prepared_->step();
    CHECK_OK(end(std::move(more)));
    return prepared_->changed();
}

void Statement::bind(int index, const Uid& value) {
    if (value.is_nil())
        bind(index, std::nullopt);
    else
        bind(index, Blob{value.view()});
}

}  // namespace tributary::store
