#include "gateway/store/postgres/dialect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace tributary::store {
namespace {

using Words = std::vector<std::string_view>;

bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
    const char quote = sql[at];
    for (++at; at < sql.size(); ++at) {
        if (sql[at] != quote) continue;
        if (at + 1 < sql.size() && sql[at + 1] == quote)
            ++at;
        else
            return at + 1;
    }
    return sql.size();
}

std::size_t end_of_token(std::string_view sql, std::size_t at) {
    const char first = sql[at];
    if (first == '\'' || first == '"') return end_of_quoted(sql, at);
    if (first == '-' && sql.substr(at).starts_with("--")) return std::min(sql.find('\n', at), sql.size());
    if (first == '?' || in_word(first)) {
        auto end = at + 1;
        while (end < sql.size() && in_word(sql[end])) ++end;
        return end;
    }
    if (std::isspace(static_cast<unsigned char>(first))) {
        auto end = at + 1;
        while (end < sql.size() && std::isspace(static_cast<unsigned char>(sql[end]))) ++end;
        return end;
    }
    return at + 1;
}

// Words, quoted things, single signs, and what is between them.
Words tokens_of(std::string_view sql) {
    Words tokens;
    for (std::size_t at = 0; at < sql.size();) {
        const auto end = end_of_token(sql, at);
        tokens.push_back(sql.substr(at, end - at));
        at = end;
    }
    return tokens;
}

bool blank(std::string_view token) {
    return std::isspace(static_cast<unsigned char>(token.front())) != 0;
}

bool parameter(std::string_view token) {
    return token.front() == '?' && token.size() > 1;
}

// The position after these words, which stand from `at` on with blanks between them.
std::optional<std::size_t> after(const Words& tokens, std::size_t at, std::initializer_list<std::string_view> words) {
    for (const auto word : words) {
        while (at < tokens.size() && blank(tokens[at])) ++at;
        if (at >= tokens.size() || tokens[at] != word) return std::nullopt;
        ++at;
    }
    return at;
}

std::size_t closing(const Words& tokens, std::size_t open) {
    int depth = 0;
    for (auto at = open; at < tokens.size(); ++at) {
        if (tokens[at] == "(") ++depth;
        if (tokens[at] == ")" && --depth == 0) return at;
    }
    return tokens.size();
}

// "(?N IS NULL OR rest)": the parameter moves behind the rest.
Words with_nulls_last(const Words& tokens) {
    Words moved;
    std::vector<std::pair<std::size_t, std::string_view>> waiting;  // at which bracket, which parameter
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (!waiting.empty() && waiting.back().first == at) {
            for (const auto word : {std::string_view(" OR "), waiting.back().second, std::string_view(" IS NULL")})
                moved.push_back(word);
            waiting.pop_back();
        }
        moved.push_back(tokens[at]);
        if (tokens[at] != "(" || at + 1 >= tokens.size() || !parameter(tokens[at + 1])) continue;
        if (const auto rest = after(tokens, at + 2, {"IS", "NULL", "OR"})) {
            waiting.emplace_back(closing(tokens, at), tokens[at + 1]);
            at = *rest;  // the blank behind OR goes too
        }
    }
    return moved;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWords{
    {{"INTEGER", "BIGINT"}, {"BLOB", "BYTEA"}, {"user", "\"user\""}, {"instr", "strpos"}}};

std::string_view word_for(std::string_view token) {
    const auto* const known = std::ranges::find(kWords, token, &std::pair<std::string_view, std::string_view>::first);
    return known == kWords.end() ? token : known->second;
}

}  // namespace

PostgresStatement postgres_statement(std::string_view sql) {
    PostgresStatement made;
    const auto tokens = with_nulls_last(tokens_of(sql));
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const auto token = tokens[at];
        if (parameter(token)) {
            const auto number = static_cast<std::size_t>(std::stoi(std::string(token.substr(1))));
            if (made.places.size() <= number) made.places.resize(number + 1);
            if (made.places[number] == 0) made.places[number] = ++made.parameters;
            made.sql += '$' + std::to_string(made.places[number]);
        } else if (token == "x" && at + 1 < tokens.size() && tokens[at + 1] == "''") {
            made.sql += "''::bytea";
            ++at;
        } else if (const auto named = after(tokens, at, {"INDEXED", "BY"}); token == "INDEXED" && named) {
            at = *named + 1;  // the blank and the name of the index
        } else {
            made.sql += word_for(token);
        }
    }
    return made;
}

std::string postgres_schema(std::string_view sql) {
    std::string made;
    const auto tokens = tokens_of(sql);
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const auto token = tokens[at];
        const auto key = token == "INTEGER" ? after(tokens, at, {"INTEGER", "PRIMARY", "KEY"}) : std::nullopt;
        if (key) {
            made += "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
            at = after(tokens, *key, {"AUTOINCREMENT"}).value_or(*key) - 1;
        } else if (const auto dropped = after(tokens, at, {"WITHOUT", "ROWID"}); token == "WITHOUT" && dropped) {
            at = *dropped - 1;
        } else if (token == "TEXT") {
            made += "TEXT COLLATE \"C\"";
        } else {
            made += word_for(token);
        }
    }
    return made;
}

}  // namespace tributary::store
