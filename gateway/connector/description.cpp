#include "gateway/connector/description.hpp"

#include <algorithm>

namespace tributary::connector {

std::string_view name_of(Verified verified) {
    switch (verified) {
        case Verified::live:
            return "live";
        case Verified::recorded:
            return "recorded";
        case Verified::written:
            return "written";
    }
    return "written";
}

const StreamDescription* Description::stream(std::string_view wanted) const {
    const auto found = std::ranges::find(streams, wanted, &StreamDescription::name);
    return found == streams.end() ? nullptr : &*found;
}

const ActionDescription* Description::action(std::string_view wanted) const {
    const auto found = std::ranges::find(actions, wanted, &ActionDescription::name);
    return found == actions.end() ? nullptr : &*found;
}

}  // namespace tributary::connector
