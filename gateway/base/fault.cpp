#include "gateway/base/fault.hpp"

namespace tributary {

std::string_view name_of(Fault fault) {
    switch (fault) {
        case Fault::bad_input:
            return "bad_input";
        case Fault::bad_config:
            return "bad_config";
        case Fault::unauthorized:
            return "unauthorized";
        case Fault::rate_limited:
            return "rate_limited";
        case Fault::transient:
            return "transient";
        case Fault::conflict:
            return "conflict";
        case Fault::refused:
            return "refused";
        case Fault::not_found:
            return "not_found";
        case Fault::internal:
            return "internal";
    }
    return "internal";
}

}  // namespace tributary
