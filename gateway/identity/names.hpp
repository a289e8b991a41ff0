// Names made comparable over scripts, and how alike two of them are.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/value/document.hpp"

namespace tributary::identity {

// Jaro-Winkler over code points: 1 equal, 0 nothing in common; prefix weight 0.1 for up to four.
double jaro_winkler(std::string_view a, std::string_view b);

// Folds names to plain Latin lower case: 张伟, 張偉 and "ZHANG  Wei" are "zhang wei", "Müller" is "muller". Surnames
// with a reading of their own (单 shan, 曾 zeng) come from a table: the general one has them wrong. Remembers what ICU
// took long for, in a bounded cache. Safe from several threads.
class NameFolder {
  public:
    explicit NameFolder(std::size_t remembered = 65536);
    ~NameFolder();
    NameFolder(NameFolder&&) noexcept;
    NameFolder& operator=(NameFolder&&) noexcept;

    std::string fold(std::string_view name) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The name of a record in its parts, folded. Empty parts are unknown.
struct FoldedName {
    std::string full;    // "ada lovelace"
    std::string sorted;  // its words in order of the alphabet: "wei zhang" for both ways of writing it
    std::string family;
};

// `name`: a contact's or organisation's name object. A title in front of two or more words is left out.
FoldedName fold_name(value::Node name, const NameFolder& folder);

// The greater of the likeness as written and with words sorted; 0 when either is unknown.
double likeness(const FoldedName& a, const FoldedName& b);

}  // namespace tributary::identity
