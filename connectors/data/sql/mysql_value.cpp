#include "connectors/data/sql/mysql_value.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "gateway/base/base64.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

namespace {

constexpr unsigned kBinaryCharset = 63;

struct Meaning {
    unsigned code;
    Fault fault;
    std::string_view text;
};
constexpr Meaning kMeanings[] = {
    {1044, Fault::unauthorized, "the user may not use this database"},
    {1045, Fault::unauthorized, "user or password is wrong"},
    {1698, Fault::unauthorized, "user or password is wrong"},
    {1048, Fault::bad_input, "a column that must have a value has none"},
    {1062, Fault::bad_input, "a unique index has this value already"},
    {1142, Fault::bad_config, "the user may not do this with this table"},
    {1143, Fault::bad_config, "the user may not do this with this column"},
    {1205, Fault::transient, "waited too long for a lock"},
    {1213, Fault::transient, "deadlock"},
    {1227, Fault::bad_config, "the user lacks a privilege"},
    {1264, Fault::bad_input, "a number is out of its column's range"},
    {1265, Fault::bad_input, "a value does not fit its column"},
    {1290, Fault::bad_config, "the server is read-only"},
    {1292, Fault::bad_input, "a value does not fit its column's type"},
    {1364, Fault::bad_input, "a column without a default has no value"},
    {1366, Fault::bad_input, "a value does not fit its column's type"},
    {1406, Fault::bad_input, "a text is too long for its column"},
    {1451, Fault::bad_input, "a foreign key refers to this row"},
    {1452, Fault::bad_input, "a foreign key refers to no row"},
    {1792, Fault::bad_config, "the transaction is read-only"},
    {1969, Fault::transient, "the statement took longer than statement_timeout"},
    {2002, Fault::transient, "the server cannot be reached"},
    {2003, Fault::transient, "the server cannot be reached"},
    {2005, Fault::transient, "the server's name cannot be resolved"},
    {2006, Fault::transient, "the connection was lost"},
    {2013, Fault::transient, "the connection was lost"},
    {2026, Fault::bad_config,
     "TLS failed: the server does not offer it, or its certificate is not trusted (settings.tls)"},
    {2059, Fault::unauthorized, "the server asks for a kind of login that is not allowed here"},
    {3024, Fault::transient, "the statement took longer than statement_timeout"},
    {3819, Fault::bad_input, "a check constraint refuses a value"},
    {4025, Fault::bad_input, "a check constraint refuses a value"},
};

const Meaning* find(unsigned code) {
    for (const auto& meaning : kMeanings) {
        if (meaning.code == code) return &meaning;
    }
    return nullptr;
}

bool integral(enum_field_types type) {
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 || type == MYSQL_TYPE_LONG ||
           type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
}

bool temporal(enum_field_types type) {
    return type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_TIME || type == MYSQL_TYPE_DATETIME ||
           type == MYSQL_TYPE_TIMESTAMP;
}

std::string text_of(const MYSQL_TIME& time, const MYSQL_FIELD& field) {
    std::string out;
    if (field.type != MYSQL_TYPE_TIME) out = fmt::format("{:04}-{:02}-{:02}", time.year, time.month, time.day);
    if (field.type == MYSQL_TYPE_DATE) return out;
    if (!out.empty()) out += ' ';
    // Hours of a TIME go to 838.
    out += fmt::format("{}{:02}:{:02}:{:02}", time.neg ? "-" : "", time.hour, time.minute, time.second);
    if (field.decimals > 0 && field.decimals <= 6)
        out += '.' + fmt::format("{:06}", time.second_part).substr(0, field.decimals);
    return out;
}

// "18.0", not "18": a column's values keep one type.
template <class T>
void add_real(T value, value::Builder& out) {
    auto digits = fmt::format("{}", value);
    if (digits.find_first_of(".e") == digits.npos) digits += ".0";
    std::isfinite(value) ? out.number(digits) : out.text(digits);
}

}  // namespace

Fault fault_of_mysql(unsigned code, std::string_view state) {
    if (const auto* const known = find(code)) return known->fault;
    const auto group = state.substr(0, 2);
    if (group == "22" || group == "23") return Fault::bad_input;
    if (group == "28") return Fault::unauthorized;
    if (group == "42" || group == "0A") return Fault::bad_config;
    return Fault::transient;
}

std::string_view meaning_of_mysql(unsigned code) {
    const auto* const known = find(code);
    return known ? known->text : "";
}

MysqlRowReader::MysqlRowReader(const MYSQL_FIELD* fields, unsigned count)
    : fields_(fields), binds_(count), cells_(count) {
    for (unsigned i = 0; i < count; ++i) {
        auto& bind = binds_[i];
        auto& cell = cells_[i];
        bind.is_null = &cell.null;
        bind.length = &cell.length;
        bind.error = &cell.cut;
        const auto type = fields[i].type;
        if (integral(type)) {
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = &cell.integer;
            bind.buffer_length = sizeof cell.integer;
            bind.is_unsigned = (fields[i].flags & UNSIGNED_FLAG) != 0;
        } else if (type == MYSQL_TYPE_DOUBLE || type == MYSQL_TYPE_FLOAT) {
            bind.buffer_type = type;
            bind.buffer = type == MYSQL_TYPE_DOUBLE ? static_cast<void*>(&cell.real) : &cell.single;
            bind.buffer_length = type == MYSQL_TYPE_DOUBLE ? sizeof cell.real : sizeof cell.single;
        } else if (temporal(type)) {
            bind.buffer_type = type;
            bind.buffer = &cell.time;
            bind.buffer_length = sizeof cell.time;
        } else {
            bind.buffer_type = MYSQL_TYPE_STRING;  // fetched apart, when its length is known
        }
    }
}

void MysqlRowReader::add(unsigned i, MYSQL_STMT* statement, value::Builder& out, std::optional<Error>& error) {
    const auto& field = fields_[i];
    const auto& cell = cells_[i];
    if (cell.null) {
        out.null();
    } else if (integral(field.type)) {
        const bool large = (field.flags & UNSIGNED_FLAG) != 0 && cell.integer < 0;
        large ? out.number(fmt::format("{}", static_cast<std::uint64_t>(cell.integer))) : out.integer(cell.integer);
    } else if (field.type == MYSQL_TYPE_DOUBLE) {
        add_real(cell.real, out);
    } else if (field.type == MYSQL_TYPE_FLOAT) {
        add_real(cell.single, out);
    } else if (temporal(field.type)) {
        out.text(text_of(cell.time, field));
    } else {
        bytes_.resize(cell.length);
        MYSQL_BIND whole = binds_[i];
        whole.buffer = bytes_.data();
        whole.buffer_length = cell.length;
        if (cell.length > 0) mysql_stmt_fetch_column(statement, &whole, i, 0);
        if (field.type == MYSQL_TYPE_NEWDECIMAL || field.type == MYSQL_TYPE_DECIMAL) {
            value::is_json_number(bytes_) ? out.number(bytes_) : out.text(bytes_);
        } else if (field.type == MYSQL_TYPE_BIT) {
            std::uint64_t bits = 0;
            for (const char byte : bytes_) bits = bits << 8 | static_cast<unsigned char>(byte);
            bits >> 63 ? out.number(fmt::format("{}", bits)) : out.integer(static_cast<std::int64_t>(bits));
        } else if (field.type == MYSQL_TYPE_GEOMETRY ||
                   (field.charsetnr == kBinaryCharset && field.type != MYSQL_TYPE_JSON)) {
            out.text(to_base64(bytes_));
        } else if (field.type == MYSQL_TYPE_JSON) {
            const auto document = value::parse_json(bytes_);
            document ? out.copy(document->root()) : out.text(bytes_);
        } else if (value::valid_utf8(bytes_)) {
            out.text(bytes_);
        } else {
            out.null();
            error = Error{Fault::bad_input, "the text is not UTF-8", fmt::format("column {}", field.name)};
        }
    }
}

Row MysqlRowReader::read(MYSQL_STMT* statement) {
    Row row;
    value::Builder out;
    out.begin_object();
    for (unsigned i = 0; i < cells_.size(); ++i) {
        out.key(std::string_view(fields_[i].name, fields_[i].name_length));
        add(i, statement, out, row.error);
    }
    row.columns = out.end().take();
    return row;
}

}  // namespace tributary::connectors::sql
