// WordList: words and phrases of one language, found in a folded text in one pass. A word stands alone ("defekt" is not
// in "defekter"); a star at its end takes any ending ("beschwer*"). Between the words of a phrase any blanks and
// punctuation may stand. Words in scripts without blanks (Chinese, Japanese, Thai) are found anywhere.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"

namespace re2 {
class RE2;
}

namespace tributary::service {

// Immutable and safe from several threads.
class WordList {
  public:
    // bad_config names the word that cannot be used.
    static Result<WordList> compile(const std::vector<std::string>& words);
    // What was found, in its folded form; empty when none. `folded`: from fold() of message_text.hpp.
    std::string find(std::string_view folded) const;

  private:
    std::shared_ptr<const re2::RE2> spaced_, unspaced_;  // null: there are no such words
};

}  // namespace tributary::service
