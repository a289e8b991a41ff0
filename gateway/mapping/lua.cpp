#include "gateway/mapping/lua.hpp"

#include <re2/re2.h>
#include <lua.hpp>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "gateway/mapping/lua_state.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::mapping {

namespace {

constexpr int kDeepestResult = 16;
// One line, so that line numbers stay those of the code.
constexpr std::string_view kPrologue = "local record, source, item, index = ... ";

void* allocate(void* user, void* block, std::size_t old_size, std::size_t size) {
    auto& guard = *static_cast<LuaGuard*>(user);
    if (!block) old_size = 0;
    if (size == 0) {
        std::free(block);
        guard.live -= old_size;
        return nullptr;
    }
    if (size > old_size) {
        const auto more = size - old_size;
        if (guard.live + more > guard.live_limit || guard.total + more > guard.total_limit) return nullptr;
        guard.total += more;
    }
    void* moved = std::realloc(block, size);
    if (moved) guard.live = guard.live - old_size + size;
    return moved;
}

void stop(lua_State* lua, lua_Debug*) {
    guard_of(lua).out_of_budget = true;
    luaL_error(lua, "the script ran too long");
}

// One call, handed through lua_pcall as a light userdata.
struct Call {
    std::string_view code;
    const LuaArguments* arguments = nullptr;
    bool syntax = false;  // the code could not be compiled
    bool loaded = false;  // the code was new
};

// Registry keys by their addresses.
constexpr char kLibrary = 0, kScripts = 0;

// Leaves the script's function on the stack.
void load(lua_State* lua, Call& call) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &kScripts);
    lua_pushlstring(lua, call.code.data(), call.code.size());
    if (lua_rawget(lua, -2) == LUA_TFUNCTION) return;
    lua_pop(lua, 1);
    luaL_Buffer text;
    luaL_buffinit(lua, &text);
    luaL_addlstring(&text, kPrologue.data(), kPrologue.size());
    luaL_addlstring(&text, call.code.data(), call.code.size());
    luaL_pushresult(&text);
    std::size_t size = 0;
    const char* whole = lua_tolstring(lua, -1, &size);
    if (luaL_loadbufferx(lua, whole, size, "=lua", "t") != LUA_OK) {
        call.syntax = true;
        lua_error(lua);
    }
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &kLibrary);
    lua_setupvalue(lua, -2, 1);
    lua_pushlstring(lua, call.code.data(), call.code.size());
    lua_pushvalue(lua, -2);
    lua_rawset(lua, -5);
    call.loaded = true;
}

int run(lua_State* lua) {
    auto& call = *static_cast<Call*>(lua_touserdata(lua, 1));
    load(lua, call);
    if (!call.arguments) return 0;
    push_node(lua, call.arguments->record);
    push_node(lua, call.arguments->source);
    push_node(lua, call.arguments->item);
    if (call.arguments->index < 0)
        lua_pushnil(lua);
    else
        lua_pushinteger(lua, call.arguments->index);
    lua_call(lua, 4, 1);
    return 1;
}

// "lua:2: attempt to ..." as "line 2: attempt to ...". Lua's own messages name fields and types, never values.
std::string readable(lua_State* lua) {
    const char* text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : nullptr;
    std::string message = text ? text : "the script stopped with an error";
    if (message.starts_with("lua:")) message.replace(0, 4, "line ");
    return message;
}

LuaFault no_result(std::string what) {
    return {"lua_result", std::move(what)};
}

std::expected<void, LuaFault> write(lua_State* lua, int index, value::Builder& out, int depth);

// Keys of a table that is an object, sorted; nullopt when it is a list.
std::expected<std::vector<std::string>, LuaFault> keys_of(lua_State* lua, int table) {
    std::vector<std::string> keys;
    for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_pop(lua, 1)) {
        if (lua_type(lua, -2) == LUA_TSTRING)
            keys.emplace_back(lua_tostring(lua, -2));
        else if (!lua_isinteger(lua, -2))
            return std::unexpected(no_result("a table must have texts or numbers from 1 as keys"));
    }
    std::ranges::sort(keys);
    return keys;
}

std::expected<void, LuaFault> write_table(lua_State* lua, int table, value::Builder& out, int depth) {
    if (depth >= kDeepestResult || !lua_checkstack(lua, 4))
        return std::unexpected(no_result("the result is nested too deeply"));
    auto keys = keys_of(lua, table);
    if (!keys) return std::unexpected(keys.error());
    const auto count = lua_rawlen(lua, table);
    if (!keys->empty() && count > 0) return std::unexpected(no_result("a table is either a list or an object"));
    if (keys->empty())
        out.begin_array();
    else
        out.begin_object();
    for (const auto& key : *keys) {
        lua_pushlstring(lua, key.data(), key.size());
        lua_rawget(lua, table);
        out.key(key);
        if (auto done = write(lua, lua_gettop(lua), out, depth + 1); !done) return done;
        lua_pop(lua, 1);
    }
    for (lua_Unsigned i = 1; i <= count; ++i) {
        lua_rawgeti(lua, table, static_cast<lua_Integer>(i));
        if (auto done = write(lua, lua_gettop(lua), out, depth + 1); !done) return done;
        lua_pop(lua, 1);
    }
    out.end();
    return {};
}

std::expected<void, LuaFault> write(lua_State* lua, int index, value::Builder& out, int depth) {
    switch (lua_type(lua, index)) {
        case LUA_TNIL:
            out.null();
            return {};
        case LUA_TBOOLEAN:
            out.boolean(lua_toboolean(lua, index) != 0);
            return {};
        case LUA_TNUMBER: {
            int whole = 0;
            const auto number = lua_tointegerx(lua, index, &whole);
            if (whole == 0)
                return std::unexpected(no_result("a number that is not whole would be rounded: return it as a text"));
            out.integer(number);
            return {};
        }
        case LUA_TSTRING: {
            std::size_t size = 0;
            const char* text = lua_tolstring(lua, index, &size);
            if (!value::valid_utf8({text, size}))
                return std::unexpected(no_result("the text is cut inside a character"));
            out.text({text, size});
            return {};
        }
        case LUA_TTABLE:
            return write_table(lua, index, out, depth);
        default:
            break;
    }
    if (const auto* node = node_at(lua, index)) {
        out.copy(*node);
        return {};
    }
    return std::unexpected(no_result("a script returns a text, a number, a boolean, a table or nil"));
}

}  // namespace

LuaGuard& guard_of(lua_State* lua) {
    void* user = nullptr;
    lua_getallocf(lua, &user);
    return *static_cast<LuaGuard*>(user);
}

struct Lua::Impl {
    LuaGuard guard;
    lua_State* lua = nullptr;
    std::size_t base = 0;  // library and scripts: what is live between calls

    Impl() {
        lua = lua_newstate(allocate, &guard);
        if (!lua) std::abort();  // out of memory at start
        lua_pushcfunction(lua, [](lua_State* state) {
            open_nodes(state);
            open_library(state);
            lua_rawsetp(state, LUA_REGISTRYINDEX, &kLibrary);
            lua_newtable(state);
            lua_rawsetp(state, LUA_REGISTRYINDEX, &kScripts);
            return 0;
        });
        if (lua_pcall(lua, 0, 0, 0) != LUA_OK) std::abort();  // the library is ours: it opens, or memory is gone
        measure();
    }
    ~Impl() { lua_close(lua); }

    void measure() {
        lua_gc(lua, LUA_GCCOLLECT);
        base = guard.live;
    }

    // The result is left at the top of the stack.
    std::expected<void, LuaFault> call(std::string_view code, const LuaArguments* arguments) {
        lua_settop(lua, 0);
        Call request{code, arguments};
        guard.out_of_budget = false;
        guard.total = 0;
        guard.live_limit =
            base + kLuaBytes;  // what earlier calls left is garbage: Lua collects it when it meets the limit
        guard.total_limit = 32 * kLuaBytes;
        lua_pushcfunction(lua, run);
        lua_pushlightuserdata(lua, &request);
        lua_sethook(lua, stop, LUA_MASKCOUNT, kLuaInstructions);
        const auto status = lua_pcall(lua, 1, arguments ? 1 : 0, 0);
        lua_sethook(lua, nullptr, 0, 0);
        guard.live_limit = guard.total_limit = ~std::size_t{0};
        if (request.loaded) measure();
        if (status == LUA_OK) return {};
        if (guard.out_of_budget)
            return std::unexpected(LuaFault{"lua_budget", "the script ran too long: it may take 100000 steps"});
        if (status == LUA_ERRMEM)
            return std::unexpected(LuaFault{"lua_memory", "the script used too much memory: it may use 1 MiB"});
        return std::unexpected(LuaFault{request.syntax ? "lua_syntax" : "lua_error", readable(lua)});
    }
};

Lua::Lua() : impl_(std::make_unique<Impl>()) {}
Lua::~Lua() = default;
Lua::Lua(Lua&&) noexcept = default;
Lua& Lua::operator=(Lua&&) noexcept = default;

std::expected<bool, LuaFault> Lua::value(std::string_view code, const LuaArguments& arguments, value::Builder& out) {
    if (auto done = impl_->call(code, &arguments); !done) return std::unexpected(std::move(done).error());
    if (lua_isnil(impl_->lua, -1)) return false;
    if (auto done = write(impl_->lua, lua_gettop(impl_->lua), out, 0); !done)
        return std::unexpected(std::move(done).error());
    return true;
}

std::expected<bool, LuaFault> Lua::test(std::string_view code, const LuaArguments& arguments) {
    if (auto done = impl_->call(code, &arguments); !done) return std::unexpected(std::move(done).error());
    return lua_toboolean(impl_->lua, -1) != 0;
}

std::expected<void, LuaFault> Lua::check(std::string_view code) {
    return impl_->call(code, nullptr);
}

}  // namespace tributary::mapping
