#include "gateway/base/error.hpp"

namespace tributary {

Error Error::in(std::string_view place) && {
    where = where.empty() ? std::string(place) : std::string(place) + ": " + where;
    return std::move(*this);
}

std::string Error::text() const {
    return where.empty() ? what : where + ": " + what;
}

}  // namespace tributary
