#include "connectors/data/sql/odbc_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "connectors/data/sql/odbc_text.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr std::size_t kPiece = 16 << 10;  // bytes asked for at once of a long value
constexpr std::size_t kLong = 4000;       // characters; longer texts go as the driver's long type

// A value of any length, piece by piece. nullopt: null. `terminator`: bytes that the driver ends a text with.
struct Bytes {
    bool failed = false, null = false;
    std::string bytes;
};
Bytes read_bytes(SQLHSTMT statement, SQLUSMALLINT at, SQLSMALLINT as, std::size_t terminator) {
    Bytes out;
    for (;;) {
        std::array<char, kPiece> piece{};
        SQLLEN length = 0;
        const auto code = SQLGetData(statement, at, as, piece.data(), piece.size(), &length);
        if (code == SQL_NO_DATA) return out;
        if (!SQL_SUCCEEDED(code)) {
            out.failed = true;
            return out;
        }
        if (length == SQL_NULL_DATA) {
            out.null = true;
            return out;
        }
        const auto room = piece.size() - terminator;
        const bool more = length == SQL_NO_TOTAL || static_cast<std::size_t>(length) > room;
        out.bytes.append(piece.data(), more ? room : static_cast<std::size_t>(length));
        if (!more) return out;
    }
}

// Oracle and SQL Server print ".5".
std::string with_zero(std::string digits) {
    if (digits.starts_with('.')) return "0" + digits;
    if (digits.starts_with("-.")) return "-0" + digits.substr(1);
    return digits;
}

std::string text_of(const SQL_TIMESTAMP_STRUCT& time, int digits) {
    auto out = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", time.year, time.month, time.day, time.hour,
                           time.minute, time.second);
    auto fraction = fmt::format("{:09}", time.fraction);
    const auto needed = fraction.find_last_not_of('0') + 1;  // npos + 1 == 0
    fraction.resize(
        std::clamp<std::size_t>(std::max<std::size_t>(needed, static_cast<std::size_t>(std::max(0, digits))), 0, 9));
    if (!fraction.empty()) out += '.' + fraction;
    return out;
}

template <class T>
std::optional<bool> read_fixed(SQLHSTMT statement, SQLUSMALLINT at, SQLSMALLINT as, T& value) {
    SQLLEN length = 0;
    if (!SQL_SUCCEEDED(SQLGetData(statement, at, as, &value, sizeof value, &length))) return std::nullopt;
    return length != SQL_NULL_DATA;
}

void add_digits(std::string digits, value::Builder& out) {
    digits = with_zero(std::string(trim(digits)));
    value::is_json_number(digits) ? out.number(digits) : out.text(digits);
}

}  // namespace

bool read_odbc(SQLHSTMT statement, SQLUSMALLINT at, const OdbcColumn& column, value::Builder& out,
               std::optional<Error>& error) {
    switch (column.type) {
        case SQL_BIT: {
            unsigned char bit = 0;
            const auto there = read_fixed(statement, at, SQL_C_BIT, bit);
            if (there) *there ? out.boolean(bit != 0) : out.null();
            return there.has_value();
        }
        case SQL_REAL:
        case SQL_FLOAT:
        case SQL_DOUBLE: {
            double real = 0;
            const auto there = read_fixed(statement, at, SQL_C_DOUBLE, real);
            if (!there) return false;
            auto digits =
                column.type == SQL_REAL ? fmt::format("{}", static_cast<float>(real)) : fmt::format("{}", real);
            if (digits.find_first_of(".e") == digits.npos) digits += ".0";
            if (!*there)
                out.null();
            else
                std::isfinite(real) ? out.number(digits) : out.text(digits);
            return true;
        }
        case SQL_TYPE_TIMESTAMP:
        case SQL_TIMESTAMP: {
            SQL_TIMESTAMP_STRUCT time{};
            const auto there = read_fixed(statement, at, SQL_C_TYPE_TIMESTAMP, time);
            if (there) *there ? out.text(text_of(time, column.digits)) : out.null();
            return there.has_value();
        }
        case SQL_TYPE_DATE:
        case SQL_DATE: {
            SQL_DATE_STRUCT date{};
            const auto there = read_fixed(statement, at, SQL_C_TYPE_DATE, date);
            if (there)
                *there ? out.text(fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day)) : out.null();
            return there.has_value();
        }
        case SQL_BINARY:
        case SQL_VARBINARY:
        case SQL_LONGVARBINARY: {
            const auto read = read_bytes(statement, at, SQL_C_BINARY, 0);
            if (!read.failed) read.null ? out.null() : out.text(to_base64(read.bytes));
            return !read.failed;
        }
        case SQL_TINYINT:
        case SQL_SMALLINT:
        case SQL_INTEGER:
        case SQL_BIGINT:
        case SQL_DECIMAL:
        case SQL_NUMERIC: {
            auto read = read_bytes(statement, at, SQL_C_CHAR, 1);
            if (!read.failed && read.null) out.null();
            if (!read.failed && !read.null) add_digits(std::move(read.bytes), out);
            return !read.failed;
        }
        default: {
            const auto read = read_bytes(statement, at, SQL_C_WCHAR, sizeof(SQLWCHAR));
            if (read.failed) return false;
            std::u16string wide(read.bytes.size() / 2, u'\0');
            std::copy_n(read.bytes.data(), wide.size() * 2, reinterpret_cast<char*>(wide.data()));
            const auto text = from_utf16(wide);
            if (!read.null && !text)
                error = Error{Fault::bad_input, "the text is not Unicode", fmt::format("column {}", column.name)};
            !read.null&& text ? out.text(*text) : out.null();
            return true;
        }
    }
}

OdbcParameters::OdbcParameters(const std::vector<Parameter>& parameters)
    : parameters_(parameters), cells_(parameters.size()) {}

Result<bool> OdbcParameters::bind(SQLHSTMT statement) {
    static_assert(sizeof(SQLWCHAR) == sizeof(char16_t));
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        auto& cell = cells_[i];
        const auto at = static_cast<SQLUSMALLINT>(i + 1);
        const auto put = [&](SQLSMALLINT c_type, SQLSMALLINT type, SQLULEN size, SQLSMALLINT digits, void* data) {
            return SQL_SUCCEEDED(SQLBindParameter(statement, at, SQL_PARAM_INPUT, c_type, type, size, digits, data,
                                                  std::max<SQLLEN>(cell.length, 0), &cell.length));
        };
        bool bound = false;
        if (const auto* const flag = std::get_if<bool>(&parameters_[i])) {
            cell.bit = *flag ? 1 : 0;
            bound = put(SQL_C_BIT, SQL_BIT, 1, 0, &cell.bit);
        } else if (const auto* const number = std::get_if<std::int64_t>(&parameters_[i])) {
            cell.integer = *number;
            bound = put(SQL_C_SBIGINT, SQL_BIGINT, 19, 0, &cell.integer);
        } else if (const auto* const decimal = std::get_if<Decimal>(&parameters_[i])) {
            cell.digits = decimal->digits;
            cell.length = static_cast<SQLLEN>(cell.digits.size());
            const auto point = cell.digits.find('.');
            const bool plain = cell.digits.find_first_of("eE") == std::string::npos;
            const auto scale = point == std::string::npos ? 0 : cell.digits.size() - point - 1;
            // As the number that it is; with an exponent as a double, which is what such a number came from.
            bound = put(SQL_C_CHAR, plain ? SQL_DECIMAL : SQL_DOUBLE, plain ? cell.digits.size() : 15,
                        static_cast<SQLSMALLINT>(plain ? scale : 0), cell.digits.data());
        } else if (const auto* const text = std::get_if<std::string>(&parameters_[i])) {
            auto wide = to_utf16(*text);
            if (!wide) return fail(Fault::bad_input, "odbc: a text is not UTF-8");
            cell.text = std::move(*wide);
            cell.length = static_cast<SQLLEN>(cell.text.size() * sizeof(char16_t));
            const auto size = std::max<std::size_t>(cell.text.size(), 1);
            bound = put(SQL_C_WCHAR, size > kLong ? SQL_WLONGVARCHAR : SQL_WVARCHAR, size, 0, cell.text.data());
        } else {
            cell.length = SQL_NULL_DATA;
            bound = put(SQL_C_CHAR, SQL_VARCHAR, 1, 0, nullptr);
        }
        if (!bound) return false;
    }
    return true;
}

}  // namespace tributary::connectors::sql
