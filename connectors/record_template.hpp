// RecordTemplate: text with {field} places that a record's fields fill, compiled once: keys of files, subjects and
// bodies of mails.
//
//   {customer.emails[0]}   a field by its path; a record without it is bad_input
//   {note?}                the same, but nothing when it is missing or null
//   {{  }}                 literal braces. A brace that begins no field name is literal too, so style sheets need no
//   care
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors {

class RecordTemplate {
  public:
    // What a field's text becomes in its place.
    using Escape = std::function<std::string(std::string_view)>;

    RecordTemplate() = default;  // renders to ""
    explicit RecordTemplate(std::string_view text);
    // One field, whatever characters its name has.
    static RecordTemplate field(std::string name);

    // Fault::bad_input names the missing field, or one that is an object or an array; never a value.
    Result<std::string> render(value::Node record, const Escape& escape = {}) const;
    bool empty() const { return pieces_.empty(); }
    // The fields that it reads, without '?'.
    std::vector<std::string> fields() const;

  private:
    struct Piece {
        std::string text;  // literal, or the path of a field
        bool is_field = false, optional = false;
    };
    std::vector<Piece> pieces_;
};

}  // namespace tributary::connectors
