// Lua: the one escape hatch of mappings, in a sandbox. A script sees the record read-only and returns a value; it
// cannot reach files, time, chance, other scripts or its own last run, so the same record always gives the same value.
//
// Known to scripts: record, source, item (nil outside `each`) and index (from 0); type tostring tonumber select pairs
// ipairs;
//   string: len sub upper lower byte char reverse rep format find (plain) starts_with ends_with trim split
//           match replace (RE2, linear time)          also as methods: record.note:sub(1, 200)
//   table: insert remove concat sort unpack            math: floor ceil abs min max tointeger
// Numbers that are not 64-bit integers are strings, digits as the source wrote them; tonumber() asks for a float. A
// float that is not whole cannot be returned: it would be rounded. pairs() goes in the record's order, else by key.
//
// Limits for each call: kLuaInstructions of the virtual machine, kLuaBytes live and 32 times that in all.
// Threads: one Lua for each thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/value/document.hpp"

namespace tributary::mapping {

constexpr int kLuaInstructions = 100'000;
constexpr std::size_t kLuaBytes = 1 << 20;

struct LuaArguments {
    value::Node record, source, item;
    std::int64_t index = -1;  // negative: nil
};

// Codes: lua_syntax, lua_error, lua_budget, lua_memory, lua_result. The message names the line, never a value.
struct LuaFault {
    std::string code, message;
};

class Lua {
  public:
    Lua();
    ~Lua();
    Lua(Lua&&) noexcept;
    Lua& operator=(Lua&&) noexcept;

    // Adds the returned value to `out`; false and nothing added when it is nil.
    std::expected<bool, LuaFault> value(std::string_view code, const LuaArguments& arguments, value::Builder& out);
    // Whether the returned value is neither nil nor false.
    std::expected<bool, LuaFault> test(std::string_view code, const LuaArguments& arguments);
    // Whether the code can be compiled.
    std::expected<void, LuaFault> check(std::string_view code);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::mapping
