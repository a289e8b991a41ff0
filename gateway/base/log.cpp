#include "gateway/base/log.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <sstream>

namespace tributary {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

void append_text(std::string& line, std::string_view text) {
    line += '"';
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            line += fmt::format("\\u{:04x}", byte);
        } else {
            line += c;
        }
    }
    line += '"';
}

void append_field(std::string& line, const LogField& field) {
    line += ',';
    append_text(line, field.name);
    line += ':';
    std::visit(
        [&line](auto value) {
            using T = decltype(value);
            if constexpr (std::is_same_v<T, std::string_view>)
                append_text(line, value);
            else if constexpr (std::is_same_v<T, bool>)
                line += value ? "true" : "false";
            else if constexpr (std::is_same_v<T, double>)
                line += std::isfinite(value) ? fmt::format("{}", value) : "null";
            else
                line += fmt::format("{}", value);
        },
        field.value);
}

}  // namespace

struct Log::Impl {
    std::ostringstream memory;
    std::shared_ptr<spdlog::logger> logger;  // spdlog's own API asks for shared ownership; nobody else holds it
};

Log::Log(LogLevel level, Target target) : impl_(std::make_unique<Impl>()) {
    spdlog::sink_ptr sink;
    if (target == Target::memory)
        sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(impl_->memory);
    else
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    impl_->logger = std::make_shared<spdlog::logger>("tributary", std::move(sink));
    impl_->logger->set_level(to_spdlog(level));
    impl_->logger->flush_on(spdlog::level::warn);
    impl_->logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, Fields fields) {
    if (!impl_->logger->should_log(to_spdlog(level))) return;
    std::string line = "\"event\":";
    append_text(line, event);
    for (const auto& field : fields) append_field(line, field);
    impl_->logger->log(to_spdlog(level), "{}", line);
}

void Log::error(std::string_view event, const Error& cause, Fields fields) {
    std::string line = "\"event\":";
    append_text(line, event);
    append_field(line, {"fault", name_of(cause.fault)});
    append_field(line, {"where", std::string_view(cause.where)});
    append_field(line, {"what", std::string_view(cause.what)});
    for (const auto& field : fields) append_field(line, field);
    impl_->logger->log(spdlog::level::err, "{}", line);
}

void Log::set_level(LogLevel level) {
    impl_->logger->set_level(to_spdlog(level));
}

void Log::flush() {
    impl_->logger->flush();
}

std::string Log::captured() const {
    impl_->logger->flush();
    return impl_->memory.str();
}

}  // namespace tributary
