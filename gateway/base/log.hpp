// Log: one JSON object a line. Fields are named values chosen by the caller; personal values and secrets never are.
// Safe to use from any thread. Passed by reference from app's wiring; there is no global one.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/base/error.hpp"

namespace tributary {

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    template <class I>
        requires std::integral<I>
    LogField(std::string_view n, I v) : name(n) {
        if constexpr (std::same_as<I, bool>)
            value = v;
        else if constexpr (std::signed_integral<I>)
            value = static_cast<std::int64_t>(v);
        else
            value = static_cast<std::uint64_t>(v);
    }
    LogField(std::string_view n, double v) : name(n), value(v) {}
};

enum class LogLevel { debug, info, warn, error, off };

class Log {
  public:
    enum class Target { standard_error, memory };
    explicit Log(LogLevel level = LogLevel::info, Target target = Target::standard_error);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    using Fields = std::initializer_list<LogField>;
    void debug(std::string_view event, Fields fields = {}) { write(LogLevel::debug, event, fields); }
    void info(std::string_view event, Fields fields = {}) { write(LogLevel::info, event, fields); }
    void warn(std::string_view event, Fields fields = {}) { write(LogLevel::warn, event, fields); }
    void error(std::string_view event, Fields fields = {}) { write(LogLevel::error, event, fields); }
    // Adds fault, what and where of the error.
    void error(std::string_view event, const Error& cause, Fields fields = {});

    void set_level(LogLevel level);
    void flush();
    // What a memory target has gathered so far; tests read it.
    std::string captured() const;

  private:
    void write(LogLevel level, std::string_view event, Fields fields);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
