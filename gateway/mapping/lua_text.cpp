// The text functions of Lua scripts: Lua's own without its patterns, ours, and regular expressions by RE2.
#include <re2/re2.h>
#include <lua.hpp>

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/mapping/lua_state.hpp"

namespace tributary::mapping {

namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of one text that a library function makes
constexpr std::size_t kMostRegexes = 64;
constexpr int kMostCaptures = 9;

int push(lua_State* lua, std::string_view text) {
    lua_pushlstring(lua, text.data(), text.size());
    return 1;
}

int repeat(lua_State* lua) {
    const auto text = text_argument(lua, 1);
    const auto times = luaL_checkinteger(lua, 2);
    if (times <= 0 || text.empty()) return push(lua, "");
    if (static_cast<std::uint64_t>(times) > kMostBytes / text.size())
        return luaL_error(lua, "the repeated text is too long");
    luaL_Buffer buffer;
    luaL_buffinit(lua, &buffer);
    for (lua_Integer i = 0; i < times; ++i) luaL_addlstring(&buffer, text.data(), text.size());
    luaL_pushresult(&buffer);
    return 1;
}

// Checks the pattern and the arguments, then leaves the work to Lua's own format.
int format(lua_State* lua) {
    const auto pattern = text_argument(lua, 1);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') continue;
        i = pattern.find_first_not_of("-+ #0123456789.", i + 1);
        if (i == std::string_view::npos ||
            std::string_view("diuoxXeEfgGcs%").find(pattern[i]) == std::string_view::npos)
            return luaL_error(lua, "format takes %%d %%x %%f %%g %%e %%c %%s and %%%%");
    }
    for (int i = 2; i <= lua_gettop(lua); ++i)
        if (lua_type(lua, i) == LUA_TTABLE || lua_type(lua, i) == LUA_TUSERDATA || lua_type(lua, i) == LUA_TFUNCTION)
            return luaL_error(lua, "format takes texts, numbers and booleans");
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, 1);
    return 1;
}

int find_plain(lua_State* lua) {
    const auto text = text_argument(lua, 1), wanted = text_argument(lua, 2);
    const auto start = luaL_optinteger(lua, 3, 1);
    const auto at = start < 1 ? std::string_view::npos : text.find(wanted, static_cast<std::size_t>(start - 1));
    if (at == std::string_view::npos) {
        lua_pushnil(lua);
        return 1;
    }
    lua_pushinteger(lua, static_cast<lua_Integer>(at + 1));
    lua_pushinteger(lua, static_cast<lua_Integer>(at + wanted.size()));
    return 2;
}

int starts_with(lua_State* lua) {
    lua_pushboolean(lua, text_argument(lua, 1).starts_with(text_argument(lua, 2)));
    return 1;
}

int ends_with(lua_State* lua) {
    lua_pushboolean(lua, text_argument(lua, 1).ends_with(text_argument(lua, 2)));
    return 1;
}

int trim_text(lua_State* lua) {
    return push(lua, trim(text_argument(lua, 1)));
}

int split_text(lua_State* lua) {
    auto rest = text_argument(lua, 1);
    const auto separator = text_argument(lua, 2);
    if (separator.empty()) return luaL_error(lua, "split needs a separator");
    lua_newtable(lua);
    for (lua_Integer i = 1;; ++i) {
        const auto at = rest.find(separator);
        push(lua, rest.substr(0, at));
        lua_rawseti(lua, -2, i);
        if (at == std::string_view::npos) return 1;
        rest.remove_prefix(at + separator.size());
    }
}

// nullptr: the pattern is not a regular expression.
const re2::RE2* regex(lua_State* lua, std::string_view pattern) {
    auto& known = guard_of(lua).regexes;
    const std::string key(pattern);
    if (const auto found = known.find(key); found != known.end()) return found->second.get();
    if (known.size() >= kMostRegexes) known.clear();
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(1 << 20);
    auto compiled = std::make_unique<re2::RE2>(key, options);
    if (!compiled->ok()) return nullptr;
    return known.emplace(key, std::move(compiled)).first->second.get();
}

// The captures, or the whole match when the expression has none; nil when it does not match.
int match(lua_State* lua) {
    const auto text = text_argument(lua, 1);
    const auto* expression = regex(lua, text_argument(lua, 2));
    if (!expression) return luaL_error(lua, "match: not a regular expression (RE2)");
    std::array<re2::StringPiece, kMostCaptures + 1> found;
    const auto captures = std::min(expression->NumberOfCapturingGroups(), kMostCaptures);
    if (!expression->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                           captures + 1)) {
        lua_pushnil(lua);
        return 1;
    }
    for (int i = captures == 0 ? 0 : 1; i <= captures; ++i) {
        const auto& piece = found[static_cast<std::size_t>(i)];
        if (piece.data())
            lua_pushlstring(lua, piece.data(), piece.size());
        else
            lua_pushnil(lua);
    }
    return captures == 0 ? 1 : captures;
}

// `with` may use \1 to \9.
int replace(lua_State* lua) {
    const auto text = text_argument(lua, 1), with = text_argument(lua, 3);
    const auto* expression = regex(lua, text_argument(lua, 2));
    if (!expression) return luaL_error(lua, "replace: not a regular expression (RE2)");
    if (with.size() > 0 && text.size() + 1 > kMostBytes / with.size())
        return luaL_error(lua, "the replaced text may be too long");
    auto& result = guard_of(lua).text;
    result.assign(text);
    re2::RE2::GlobalReplace(&result, *expression, {with.data(), with.size()});
    if (result.size() > kMostBytes) return luaL_error(lua, "the replaced text is too long");
    return push(lua, result);
}

}  // namespace

void push_string_library(lua_State* lua) {
    luaL_requiref(lua, "string", luaopen_string, 0);
    const auto full = lua_gettop(lua);
    lua_newtable(lua);
    take_functions(lua, full, {"len", "sub", "upper", "lower", "byte", "char", "reverse"});
    const luaL_Reg own[] = {{"rep", repeat},          {"find", find_plain}, {"starts_with", starts_with},
                            {"ends_with", ends_with}, {"trim", trim_text},  {"split", split_text},
                            {"match", match},         {"replace", replace}, {nullptr, nullptr}};
    luaL_setfuncs(lua, own, 0);
    lua_getfield(lua, full, "format");
    lua_pushcclosure(lua, format, 1);
    lua_setfield(lua, -2, "format");
    protect(lua);
    lua_remove(lua, full);
    // Methods of texts. Lua's own table also had arithmetic on texts, which makes floats of decimals.
    push(lua, "");
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_pop(lua, 1);
}

}  // namespace tributary::mapping
