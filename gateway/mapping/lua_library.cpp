#include <lua.hpp>

#include "gateway/mapping/lua_state.hpp"

namespace tributary::mapping {

namespace {

int lua_type_name(lua_State* lua) {
    luaL_checkany(lua, 1);
    lua_pushstring(lua, node_at(lua, 1) ? "table" : luaL_typename(lua, 1));
    return 1;
}

// Tables and functions have no text: it would be an address, another one in every run.
int to_text(lua_State* lua) {
    const auto type = lua_type(lua, 1);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
        luaL_tolstring(lua, 1, nullptr);
        return 1;
    }
    return luaL_error(lua, "tostring takes a text, a number or a boolean");
}

int to_number(lua_State* lua) {
    if (lua_type(lua, 1) == LUA_TNUMBER)
        lua_settop(lua, 1);
    else if (lua_type(lua, 1) != LUA_TSTRING || lua_stringtonumber(lua, lua_tostring(lua, 1)) == 0)
        lua_pushnil(lua);
    return 1;
}

int select_values(lua_State* lua) {
    const auto count = lua_gettop(lua) - 1;
    if (lua_type(lua, 1) == LUA_TSTRING && text_argument(lua, 1) == "#") {
        lua_pushinteger(lua, count);
        return 1;
    }
    const auto first = luaL_checkinteger(lua, 1);
    if (first < 1) return luaL_error(lua, "select counts from 1");
    return first > count ? 0 : count - static_cast<int>(first) + 1;
}

int in_pairs(lua_State* lua) {
    if (const auto* node = node_at(lua, 1)) {
        push_node_iterator(lua, *node);
        return 1;
    }
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushvalue(lua, 1);
    lua_call(lua, 1, 1);
    return 1;
}

int step_list(lua_State* lua) {
    const auto next = luaL_checkinteger(lua, 2) + 1;
    lua_pushinteger(lua, next);
    return lua_geti(lua, 1, next) == LUA_TNIL ? 1 : 2;
}

int in_list(lua_State* lua) {
    if (const auto* node = node_at(lua, 1)) {
        push_node_iterator(lua, node->is(value::Kind::array) ? *node : value::Node{});
        return 1;
    }
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_pushcfunction(lua, step_list);
    lua_pushvalue(lua, 1);
    lua_pushinteger(lua, 0);
    return 3;
}

// Goes by sorted keys: the order of Lua's own pairs differs from run to run.
constexpr const char* kSortedPairs = R"(
local next, sort, type = ...
local function before(a, b)
    local first, second = type(a), type(b)
    if first ~= second then return first < second end
    if first == 'boolean' then return not a and b end
    return a < b
end
return function(table)
    local keys, count, at = {}, 0, 0
    for key in next, table do count = count + 1; keys[count] = key end
    sort(keys, before)
    return function()
        at = at + 1
        local key = keys[at]
        if key ~= nil then return key, table[key] end
    end
end)";

void push_part(lua_State* lua, const char* name, lua_CFunction open, std::initializer_list<const char*> functions) {
    luaL_requiref(lua, name, open, 0);
    const auto full = lua_gettop(lua);
    lua_newtable(lua);
    take_functions(lua, full, functions);
    protect(lua);
    lua_remove(lua, full);
}

void push_pairs(lua_State* lua) {
    luaL_loadstring(lua, kSortedPairs);
    luaL_requiref(lua, "_G", luaopen_base, 0);
    lua_getfield(lua, -1, "next");
    lua_remove(lua, -2);
    luaL_requiref(lua, "table", luaopen_table, 0);
    lua_getfield(lua, -1, "sort");
    lua_remove(lua, -2);
    lua_pushcfunction(lua, lua_type_name);
    lua_call(lua, 3, 1);
    lua_pushcclosure(lua, in_pairs, 1);
}

int refuse_global_write(lua_State* lua) {
    return luaL_error(lua, "globals cannot be written: use local");
}

}  // namespace

std::string_view text_argument(lua_State* lua, int index) {
    std::size_t size = 0;
    luaL_checktype(lua, index, LUA_TSTRING);
    const char* text = lua_tolstring(lua, index, &size);
    return {text, size};
}

void take_functions(lua_State* lua, int from, std::initializer_list<const char*> names) {
    for (const auto* name : names) {
        lua_getfield(lua, from, name);
        lua_setfield(lua, -2, name);
    }
}

void protect(lua_State* lua) {
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_global_write);
    lua_setfield(lua, -2, "__newindex");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

void open_library(lua_State* lua) {
    lua_newtable(lua);
    const luaL_Reg own[] = {{"type", lua_type_name},   {"tostring", to_text}, {"tonumber", to_number},
                            {"select", select_values}, {"ipairs", in_list},   {nullptr, nullptr}};
    luaL_setfuncs(lua, own, 0);
    push_pairs(lua);
    lua_setfield(lua, -2, "pairs");
    push_string_library(lua);
    lua_setfield(lua, -2, "string");
    push_part(lua, "table", luaopen_table, {"insert", "remove", "concat", "sort", "unpack"});
    lua_setfield(lua, -2, "table");
    push_part(lua, "math", luaopen_math, {"floor", "ceil", "abs", "min", "max", "tointeger"});
    lua_setfield(lua, -2, "math");
    protect(lua);
}

}  // namespace tributary::mapping
