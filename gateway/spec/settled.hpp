// settled(): the type of a T that is written in another form. A file may offer a short form, or words for what the
// program keeps as numbers: describe `Written`, derived from T, and turn what was written into what is used.
#pragma once

#include "gateway/spec/type.hpp"

namespace tributary::spec {

// `settle(written, yaml)` is called for what was read without a problem; then the T in it is the value.
template <class T, class Written, class Settle>
Type<T> settled(const Type<Written>& written, Settle settle) {
    return {written.shape_pointer(), [written, settle](const Yaml& yaml, Problems& problems) -> std::optional<T> {
                auto value = written.parse(yaml, problems);
                if (!value) return std::nullopt;
                settle(*value, yaml);
                return std::move(static_cast<T&>(*value));
            }};
}

}  // namespace tributary::spec
