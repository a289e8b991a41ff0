#include "gateway/store/postgres/postgres_prepared.hpp"

#include "gateway/base/text.hpp"
#include "gateway/store/postgres/binary_value.hpp"
#include "gateway/store/postgres/postgres_connection.hpp"

namespace tributary::store {

PostgresPrepared::PostgresPrepared(PostgresConnection& connection, PostgresShape& shape)
    : connection_(connection),
      shape_(shape),
      values_(static_cast<std::size_t>(shape.statement.parameters)),
      wire_{.data = std::vector<const char*>(values_.size()),
            .lengths = std::vector<int>(values_.size()),
            .formats = std::vector<int>(values_.size(), 1)} {}

// nullptr: the text does not use this parameter.
PostgresPrepared::Value* PostgresPrepared::at(int index) {
    const auto number = static_cast<std::size_t>(index);
    const auto& places = shape_.statement.places;
    const int place = number < places.size() ? places[number] : 0;
    return place == 0 ? nullptr : &values_[static_cast<std::size_t>(place) - 1];
}

void PostgresPrepared::bind(int index, std::int64_t value) {
    if (auto* const into = at(index)) {
        into->kind = Value::Kind::integer;
        into->number = value;
    }
}

void PostgresPrepared::bind_text(int index, std::string_view value) {
    if (auto* const into = at(index)) {
        into->kind = Value::Kind::bytes;
        into->bytes = value;
    }
}

void PostgresPrepared::bind_null(int index) {
    if (auto* const into = at(index)) into->kind = Value::Kind::null;
}

Result<void> PostgresPrepared::encode() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
        auto& value = values_[i];
        const auto type = i < shape_.types.size() ? shape_.types[i] : Oid{0};
        std::string_view bytes = value.bytes;
        wire_.formats[i] = 1;
        if (value.kind == Value::Kind::integer) {
            value.encoded.clear();
            if (!put_integer(value.encoded, type, value.number)) {
                if (type != kPgText && type != kPgNumeric)
                    return fail(Fault::bad_input, "database: a number is too large for its place");
                value.encoded = std::to_string(value.number);
                wire_.formats[i] = 0;
            }
            bytes = value.encoded;
        } else if (value.kind == Value::Kind::bytes && type == kPgText && bytes.contains('\0')) {
            return fail(Fault::bad_input, "database: a text with a NUL character cannot be kept");
        }
        wire_.data[i] = value.kind == Value::Kind::null ? nullptr : bytes.data() ? bytes.data() : "";
        wire_.lengths[i] = static_cast<int>(bytes.size());
    }
    return {};
}

Result<void> PostgresPrepared::execute() {
    CHECK_OK(encode());
    TRY(auto answer, connection_.link().run(shape_, wire_));
    see(std::move(answer));
    return {};
}

void PostgresPrepared::see(PostgresAnswer answer) {
    answer_ = std::move(answer);
    row_ = -1;
    const auto changed = to_integer(PQcmdTuples(answer_.get())).value_or(0);
    const bool reads = std::string_view(PQcmdStatus(answer_.get())).starts_with("SELECT");
    changed_ = reads ? 0 : changed;
    if (changed_ > 0) connection_.note_change();
}

void PostgresPrepared::clear_aside() {
    aside_.clear();
    answers_.clear();
    seen_ = 0;
}

Result<void> PostgresPrepared::put_aside() {
    CHECK_OK(encode());
    aside_.add(wire_);
    return {};
}

Result<void> PostgresPrepared::run_aside() {
    TRY(answers_, connection_.link().run_all(shape_, aside_));
    return {};
}

void PostgresPrepared::next() {
    see(std::move(answers_[seen_++]));
}

Result<bool> PostgresPrepared::step() {
    if (!answer_) CHECK_OK(execute());
    return ++row_ < PQntuples(answer_.get());
}

void PostgresPrepared::reset() {
    answer_.reset();
}

std::int64_t PostgresPrepared::integer(int column) const {
    return get_integer(PQftype(answer_.get(), column), bytes(column));
}

std::string_view PostgresPrepared::bytes(int column) const {
    return {PQgetvalue(answer_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(answer_.get(), row_, column))};
}

bool PostgresPrepared::null(int column) const {
    return PQgetisnull(answer_.get(), row_, column) != 0;
}

}  // namespace tributary::store
