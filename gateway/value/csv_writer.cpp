#include "gateway/value/csv.hpp"
#include "gateway/value/json.hpp"

namespace tributary::value {

void CsvWriter::field(std::string_view text, bool escape_formula, std::string& out) const {
    const bool formula =
        escape_formula && !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos;
    const char special[] = {options_.delimiter, options_.quote, '\r', '\n'};
    if (text.find_first_of(std::string_view(special, sizeof special)) == text.npos) {
        if (formula) out += '\'';
        out += text;
        return;
    }
    out += options_.quote;
    if (formula) out += '\'';
    for (const char c : text) {
        if (c == options_.quote) out += c;
        out += c;
    }
    out += options_.quote;
}

void CsvWriter::header(std::string& out) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out += options_.delimiter;
        field(columns_[i], options_.escape_formulas, out);
    }
    out += "\r\n";
}

void CsvWriter::row(Node object, std::string& out) const {
    const auto start = out.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out += options_.delimiter;
        const auto value = object.find(columns_[i]);
        const bool nested = value.is(Kind::object) || value.is(Kind::array);
        // Numbers may begin with a minus: only text can be a formula.
        field(nested ? to_json(value) : value.scalar_text(), options_.escape_formulas && value.is(Kind::text), out);
    }
    // One empty field would be a blank line, which readers pass over.
    if (out.size() == start) out.append(2, options_.quote);
    out += "\r\n";
}

}  // namespace tributary::value
