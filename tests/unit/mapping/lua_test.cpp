#include "gateway/mapping/lua.hpp"

#include <catch2/catch.hpp>

#include <chrono>

#include "gateway/value/json.hpp"

using namespace tributary;
using mapping::Lua;

namespace {

// The script's value as JSON, or "code: message".
std::string run(Lua& lua, std::string_view code, std::string_view record = "{}") {
    const auto document = value::parse_json(record);
    REQUIRE(document);
    value::Builder out;
    const auto done = lua.value(code, {document->root(), document->root(), {}, -1}, out);
    if (!done) return done.error().code + ": " + done.error().message;
    return *done ? value::to_json(out.take().root()) : "nil";
}

std::string code_of(Lua& lua, std::string_view code) {
    const auto result = run(lua, code);
    return result.substr(0, result.find(':'));
}

}  // namespace

TEST_CASE("a script sees the record and returns values of every kind", "[mapping][lua]") {
    Lua lua;
    constexpr std::string_view kRecord =
        R"({"a": {"b": [1, {"c": "x"}]}, "big": 9007199254740993, "price": 12.50, "no": null, "yes": true})";
    CHECK(run(lua, "return record.a.b[2].c", kRecord) == R"("x")");
    CHECK(run(lua, "return record.big", kRecord) == "9007199254740993");
    CHECK(run(lua, "return record.big + 1", kRecord) == "9007199254740994");
    CHECK(run(lua, "return record.price", kRecord) == R"("12.50")");
    CHECK(run(lua, "return record.no", kRecord) == "nil");
    CHECK(run(lua, "return record.nowhere", kRecord) == "nil");
    CHECK(run(lua, "return record.yes", kRecord) == "true");
    CHECK(run(lua, "return #record.a.b", kRecord) == "2");
    CHECK(run(lua, "return record.a", kRecord) == R"({"b":[1,{"c":"x"}]})");
    CHECK(run(lua, "return {z = 1, a = {1, 'two'}}") == R"({"a":[1,"two"],"z":1})");
    CHECK(run(lua, "return 6 / 2") == "3");
    CHECK(run(lua, "local keys = {} for k in pairs(record) do table.insert(keys, k) end return table.concat(keys, ' ')",
              kRecord) == R"("a big price yes")");
    CHECK(run(lua, "local n = 0 for i, v in ipairs(record.a.b) do n = n + i end return n", kRecord) == "3");
}

TEST_CASE("decimals are texts, and a rounded number cannot be returned", "[mapping][lua]") {
    Lua lua;
    CHECK(code_of(lua, "return 0.1 + 0.2") == "lua_result");
    CHECK(run(lua, "return record.p + 1", R"({"p": 0.1})")
              .starts_with("lua_error: line 1: attempt to perform arithmetic"));
    CHECK(run(lua, "return record.p", R"({"p": 123456789012345678.123456})") == R"("123456789012345678.123456")");
    CHECK(run(lua, "return string.format('%.2f', tonumber(record.p))", R"({"p": 0.125})") == R"("0.12")");
}

TEST_CASE("a script reaches nothing outside", "[mapping][lua][req15]") {
    Lua lua;
    for (const auto* name :
         {"io",           "os",           "debug",       "package",     "coroutine",     "utf8",       "load",
          "loadstring",   "loadfile",     "dofile",      "require",     "rawget",        "rawset",     "rawequal",
          "getmetatable", "setmetatable", "pcall",       "xpcall",      "error",         "print",      "collectgarbage",
          "next",         "_G",           "string.dump", "string.gsub", "string.gmatch", "math.random"})
        CHECK(run(lua, std::string("return ") + name) == "nil");
    CHECK(run(lua, "return ('x').dump") == "nil");
    CHECK(code_of(lua, "leak = 1 return 1") == "lua_error");
    CHECK(code_of(lua, "string.len = nil return 1") == "lua_error");
    CHECK(code_of(lua, "record.x = 1 return 1") == "lua_error");
    CHECK(code_of(lua, "return tostring({})") == "lua_error");
    CHECK(code_of(lua, "return string.format('%p', 'x')") == "lua_error");
    CHECK(code_of(lua, "return string.format('%s', {})") == "lua_error");
    CHECK(code_of(lua, "return print") == "nil");
    CHECK(code_of(lua, "return tostring") == "lua_result");
    CHECK(code_of(lua, "return '\\xff'") == "lua_result");
}

TEST_CASE("a script has a budget of steps and of memory", "[mapping][lua][req15]") {
    Lua lua;
    CHECK(code_of(lua, "while true do end") == "lua_budget");
    CHECK(code_of(lua, "local function f() return f() end return f()") == "lua_budget");
    CHECK(code_of(lua, "local s = 'x' while true do s = s .. s end") == "lua_memory");
    CHECK(code_of(lua, "local t = {} for i = 1, 1e9 do t[i] = i end") == "lua_memory");
    CHECK(code_of(lua, "for i = 1, 1000 do local s = string.rep('x', 300000) end return 1") == "lua_memory");
    CHECK(code_of(lua, "return string.rep('x', 1 << 40)") == "lua_error");
    CHECK(code_of(lua, "return string.rep('', 1 << 60)") == R"("")");
    CHECK(code_of(lua, "local function f(n) return 1 + f(n + 1) end return f(1)") == "lua_memory");
    CHECK(code_of(lua, "local t = {} t.t = t return t") == "lua_result");
    // What failed leaves nothing behind.
    CHECK(run(lua, "return 1") == "1");
    // A backtracking expression would take longer than the universe; these are linear.
    const auto start = std::chrono::steady_clock::now();
    CHECK(run(lua, "return string.match(string.rep('a', 5000) , '^(a*)*(a*)*(a*)*b$')") == "nil");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("the same record always gives the same value", "[mapping][lua]") {
    constexpr std::string_view kCode =
        "local t = {} for i = 1, 200 do t['k' .. i] = i end local out = {} "
        "for k, v in pairs(t) do out[#out + 1] = k end return table.concat(out, ',')";
    Lua first;
    const auto expected = run(first, kCode);
    CHECK(expected.starts_with(R"("k1,k10,k100,)"));
    for (int i = 0; i < 5; ++i) {
        Lua other;
        CHECK(run(other, kCode) == expected);
    }
}

TEST_CASE("regular expressions and texts", "[mapping][lua]") {
    Lua lua;
    CHECK(run(lua, R"(local a, b = string.match("12.5", "^(\\d+)\\.(\\d+)$") return a .. b)") == R"("125")");
    CHECK(run(lua, R"(return ("a-b-c"):replace("-", "+"))") == R"("a+b+c")");
    CHECK(run(lua, R"(return ("John Doe"):replace("^(\\w+) (\\w+)$", "\\2, \\1"))") == R"("Doe, John")");
    CHECK(run(lua, R"(return ("a,b,,c"):split(","))") == R"(["a","b","","c"])");
    CHECK(run(lua, R"(return ("  x "):trim())") == R"("x")");
    CHECK(run(lua, R"(return ("a.b"):find(".", 1))") == "2");
    CHECK(code_of(lua, R"(return string.match("x", "("))") == "lua_error");
    CHECK(run(lua, "return nothing.at.all").starts_with("lua_error: line 1: attempt to index a nil value"));
    CHECK(run(lua, "return 1 +").starts_with("lua_syntax: line 1:"));
}
