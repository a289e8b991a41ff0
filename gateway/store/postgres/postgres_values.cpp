#include "gateway/store/postgres/postgres_values.hpp"

namespace tributary::store {

void PostgresRuns::add(const PostgresValues& values) {
    for (std::size_t i = 0; i < values.data.size(); ++i) {
        const bool null = values.data[i] == nullptr;
        cells_.push_back({bytes_.size(), values.lengths[i], values.formats[i], null});
        if (!null) bytes_.append(values.data[i], static_cast<std::size_t>(values.lengths[i])).push_back('\0');
    }
    ++runs_;
}

void PostgresRuns::clear() {
    bytes_.clear();
    cells_.clear();
    runs_ = 0;
}

void PostgresRuns::read(std::size_t run, PostgresValues& into) const {
    const auto count = runs_ == 0 ? 0 : cells_.size() / runs_;
    into.data.resize(count);
    into.lengths.resize(count);
    into.formats.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& cell = cells_[run * count + i];
        into.data[i] = cell.null ? nullptr : bytes_.data() + cell.at;
        into.lengths[i] = cell.length;
        into.formats[i] = cell.format;
    }
}

}  // namespace tributary::store
