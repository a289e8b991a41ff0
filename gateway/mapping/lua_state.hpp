// What the parts of the Lua sandbox share. Lua reports errors with longjmp: no function that calls into Lua may hold an
// object with a destructor while it does.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/value/document.hpp"

struct lua_State;

namespace re2 {
class RE2;
}

namespace tributary::mapping {

// What allocator, hook and library functions know about the running call.
struct LuaGuard {
    std::size_t live = 0, live_limit = ~std::size_t{0};
    std::size_t total = 0, total_limit = ~std::size_t{0};
    bool out_of_budget = false;
    std::unordered_map<std::string, std::unique_ptr<re2::RE2>> regexes;
    std::string text;  // results of RE2, on their way into Lua
};

LuaGuard& guard_of(lua_State* lua);

// The record as Lua sees it: scalars become Lua values, objects and arrays become read-only userdata over their Node.
void open_nodes(lua_State* lua);
void push_node(lua_State* lua, value::Node node);
// nullptr when the value is no such userdata.
const value::Node* node_at(lua_State* lua, int index);
// Pushes an iterator function: key and value of an object's members, or index and value of an array's elements.
void push_node_iterator(lua_State* lua, value::Node node);

// A text among the arguments of a function; anything else is a Lua error.
std::string_view text_argument(lua_State* lua, int index);
// Copies the named functions of the library at `from` into the table at the top.
void take_functions(lua_State* lua, int from, std::initializer_list<const char*> names);
// The table at the top becomes a read-only view of itself.
void protect(lua_State* lua);

// Pushes `string`, whose functions are methods of texts too.
void push_string_library(lua_State* lua);
// Pushes the table that scripts have for their globals.
void open_library(lua_State* lua);

}  // namespace tributary::mapping
