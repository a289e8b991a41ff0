// Problems: everything that is wrong with the files read so far, each with its place. Nothing stops at the first.
// A message never holds the value of a secret field or of a resolved reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/error.hpp"

namespace tributary::spec {

// 1-based; line 0 means that the place is not known.
struct Mark {
    std::uint32_t line = 0, column = 0;
    friend auto operator<=>(const Mark&, const Mark&) = default;
};

// Where something stands in the user's files: kept in config structs so that later checks can point at it.
struct Place {
    std::string file;
    Mark mark;
    std::string path;  // "connections.webshop.streams.orders.mapping"
};

struct Problem {
    Place place;
    std::string message;  // lower case, says what would be right
    bool warning = false;

    // "file:line:col: path: message"; parts that are unknown are left out.
    std::string text() const;
};

class Problems {
  public:
    void add(Place place, std::string message);
    // Printed, but does not make a file unusable: deprecated fields.
    void warn(Place place, std::string message);
    void append(Problems others);

    bool ok() const { return errors_ == 0; }
    std::size_t errors() const { return errors_; }
    // By file, line and column; the same problem said twice counts once.
    std::vector<Problem> sorted() const;
    // One line each, with a line feed after every one.
    std::string text() const;
    // Fault::bad_config whose text lists every error. REQUIRES: !ok().
    Error error() const;

  private:
    std::vector<Problem> all_;
    std::size_t errors_ = 0;
};

}  // namespace tributary::spec
