// XmlElements: the elements of one name out of XML that comes in pieces, each as its text, whatever prefix it has. For
// the parts of a workbook; memory is the longest element allowed. Nested elements of the same name stay inside.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/value/byte_queue.hpp"

namespace tributary::connectors::file {

class XmlElements {
  public:
    XmlElements(std::string name, std::size_t longest) : name_(std::move(name)), longest_(longest) {}
    void feed(std::string_view piece) { queue_.feed(piece); }
    // nullopt: feed more. Valid until the next call. bad_input: a DTD, an element too long, no XML.
    Result<std::optional<std::string_view>> next();
    // Nothing was begun and not ended.
    bool whole() const { return depth_ == 0 && queue_.rest().size() == taken_; }

  private:
    std::string name_;
    std::size_t longest_;
    value::ByteQueue queue_;
    std::size_t scanned_ = 0, taken_ = 0, depth_ = 0;
};

// "row" of "x:row".
std::string_view local_name(std::string_view name);

}  // namespace tributary::connectors::file
