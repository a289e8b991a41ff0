#include "gateway/store/propagation.hpp"

#include <array>

namespace tributary::store {
namespace {

// In the order of their enums.
constexpr std::array<std::string_view, 4> kTaskKinds{"withdraw", "erase", "rectify", "restrict"};
constexpr std::array<std::string_view, 5> kTaskStates{"pending", "sent", "confirmed", "unsupported", "failed"};

}  // namespace

std::string_view name_of(TaskKind kind) {
    return kTaskKinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(TaskState state) {
    return kTaskStates[static_cast<std::size_t>(state)];
}

std::optional<TaskKind> task_kind_named(std::string_view name) {
    for (std::size_t i = 0; i < kTaskKinds.size(); ++i)
        if (kTaskKinds[i] == name) return static_cast<TaskKind>(i);
    return std::nullopt;
}

std::optional<TaskState> task_state_named(std::string_view name) {
    for (std::size_t i = 0; i < kTaskStates.size(); ++i)
        if (kTaskStates[i] == name) return static_cast<TaskState>(i);
    return std::nullopt;
}

}  // namespace tributary::store
