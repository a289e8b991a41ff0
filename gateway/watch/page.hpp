// Page: one self-contained HTML page with tables and charts: no script, no font, no image from elsewhere. Reads well in
// light and dark, and printed. Every text that goes in is escaped here, and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::watch {

// For text and for quoted attributes. Hidden characters are made visible (base/visible_text.hpp).
std::string html_text(std::string_view text);

struct Bar {
    std::string label;
    double value = 0;
    std::string shown;     // the value with its unit
    bool warning = false;  // drawn in the colour of what needs a look
};

struct Column {
    std::string title;
    bool number = false;  // set to the right
};

class Page {
  public:
    Page(std::string title, std::string about) : title_(std::move(title)), about_(std::move(about)) {}

    void section(std::string_view title, std::string_view about = "");
    void text(std::string_view words);
    // What stands here when there is nothing to show.
    void nothing(std::string_view why);
    // One large figure with its unit and a word on what it is; in a row with those before it.
    void figure(std::string_view value, std::string_view what, bool warning = false);
    // Rows shorter than the head are filled up.
    void table(const std::vector<Column>& head, const std::vector<std::vector<std::string>>& rows);
    // Horizontal bars, the longest as wide as the page. `what` describes the chart to those who cannot see it.
    void bars(std::string_view what, const std::vector<Bar>& bars);

    std::string html() const;

  private:
    void end_figures();
    std::string title_, about_, body_;
    bool figures_ = false;
};

// 1,234,567.
std::string grouped(std::int64_t number);

}  // namespace tributary::watch
