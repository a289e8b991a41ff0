#include "connectors/data/file/xml_elements.hpp"

#include "gateway/value/xml_mark.hpp"

namespace tributary::connectors::file {

std::string_view local_name(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == name.npos ? name : name.substr(colon + 1);
}

Result<std::optional<std::string_view>> XmlElements::next() {
    using Kind = value::XmlMark::Kind;
    queue_.consume(std::exchange(taken_, 0));
    for (;;) {
        const auto rest = queue_.rest().substr(scanned_);
        const auto mark = rest.empty() ? value::XmlMark{} : value::next_xml_mark(rest);
        // Text at the end of what came may go on.
        if (mark.kind == Kind::more || (mark.kind == Kind::text && mark.size == rest.size())) {
            if (queue_.rest().size() > longest_)
                return fail(Fault::bad_input, "an element of the workbook is too long");
            return std::nullopt;
        }
        if (mark.kind == Kind::declaration) return fail(Fault::bad_input, "a document type declaration is refused");
        const bool tag = mark.kind == Kind::open || mark.kind == Kind::empty;
        const bool begins = depth_ == 0 && tag && local_name(mark.name) == name_;
        if (begins) {
            queue_.consume(scanned_);
            scanned_ = 0;
        }
        scanned_ += mark.size;
        if ((begins || depth_ > 0) && mark.kind == Kind::open) ++depth_;
        const bool ends =
            (begins && mark.kind == Kind::empty) || (depth_ > 0 && mark.kind == Kind::close && --depth_ == 0);
        if (ends) {
            taken_ = std::exchange(scanned_, 0);
            return queue_.rest().substr(0, taken_);
        }
        if (depth_ == 0) {
            queue_.consume(std::exchange(scanned_, 0));
        } else if (scanned_ > longest_) {
            return fail(Fault::bad_input, "an element of the workbook is too long");
        }
    }
}

}  // namespace tributary::connectors::file
