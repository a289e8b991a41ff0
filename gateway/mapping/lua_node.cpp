#include <lua.hpp>

#include <new>

#include "gateway/mapping/lua_state.hpp"

namespace tributary::mapping {

namespace {

constexpr const char* kNode = "tributary.node";
constexpr const char* kIterator = "tributary.iterator";

struct Walk {
    value::Node::Iterator at, end;
    lua_Integer index = 0;
    bool object = false;
};
static_assert(std::is_trivially_destructible_v<value::Node> && std::is_trivially_destructible_v<Walk>);

int index_node(lua_State* lua) {
    const auto& node = *static_cast<const value::Node*>(lua_touserdata(lua, 1));
    if (lua_type(lua, 2) == LUA_TSTRING) {
        std::size_t size = 0;
        const char* key = lua_tolstring(lua, 2, &size);
        push_node(lua, node.find({key, size}));
    } else if (lua_isinteger(lua, 2) && node.is(value::Kind::array) && lua_tointeger(lua, 2) >= 1) {
        push_node(lua, node.at(static_cast<std::size_t>(lua_tointeger(lua, 2) - 1)));
    } else {
        lua_pushnil(lua);
    }
    return 1;
}

int refuse_record_write(lua_State* lua) {
    return luaL_error(lua, "the record is read-only");
}

int count_node(lua_State* lua) {
    const auto& node = *static_cast<const value::Node*>(lua_touserdata(lua, 1));
    lua_pushinteger(lua, node.is(value::Kind::array) ? static_cast<lua_Integer>(node.size()) : 0);
    return 1;
}

int step(lua_State* lua) {
    auto& walk = *static_cast<Walk*>(lua_touserdata(lua, lua_upvalueindex(1)));
    // A null member is nil in Lua and would end the loop of an array; it is passed over.
    for (; walk.at != walk.end; ++walk.at) {
        const auto node = *walk.at;
        ++walk.index;
        if (!node) continue;
        if (walk.object)
            lua_pushlstring(lua, node.key().data(), node.key().size());
        else
            lua_pushinteger(lua, walk.index);
        push_node(lua, node);
        ++walk.at;
        return 2;
    }
    lua_pushnil(lua);
    return 1;
}

}  // namespace

void open_nodes(lua_State* lua) {
    luaL_newmetatable(lua, kNode);
    const luaL_Reg methods[] = {
        {"__index", index_node}, {"__newindex", refuse_record_write}, {"__len", count_node}, {nullptr, nullptr}};
    luaL_setfuncs(lua, methods, 0);
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_pushliteral(lua, "record");
    lua_setfield(lua, -2, "__name");
    lua_pop(lua, 1);
    luaL_newmetatable(lua, kIterator);
    lua_pop(lua, 1);
}

void push_node(lua_State* lua, value::Node node) {
    switch (node.kind()) {
        case value::Kind::missing:
        case value::Kind::null:
            lua_pushnil(lua);
            return;
        case value::Kind::boolean:
            lua_pushboolean(lua, node.boolean());
            return;
        case value::Kind::integer:
            lua_pushinteger(lua, node.integer());
            return;
        case value::Kind::decimal:
        case value::Kind::text:
            lua_pushlstring(lua, node.text().data(), node.text().size());
            return;
        case value::Kind::array:
        case value::Kind::object:
            break;
    }
    ::new (lua_newuserdatauv(lua, sizeof(value::Node), 0)) value::Node(node);
    luaL_setmetatable(lua, kNode);
}

const value::Node* node_at(lua_State* lua, int index) {
    return static_cast<const value::Node*>(luaL_testudata(lua, index, kNode));
}

void push_node_iterator(lua_State* lua, value::Node node) {
    ::new (lua_newuserdatauv(lua, sizeof(Walk), 0)) Walk{node.begin(), node.end(), 0, node.is(value::Kind::object)};
    lua_pushcclosure(lua, step, 1);
}

}  // namespace tributary::mapping
