// Rulebook: compiled service rules. It reads one interaction and says whether it needs an answer, and what case it
// becomes. Words, patterns and fields alone decide: no meaning is guessed, irony and negation ("no complaint at all")
// are not understood, and a language without words of its own is only caught by the rules that look at other fields.
//
// Pure and immutable: share it between threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service/rule_file.hpp"
#include "gateway/value/document.hpp"

namespace tributary::service {

struct Verdict {
    std::string rule;
    // What decided, for people: "word defekt (de)", "pattern 2"; never a text of the customer's beyond the words and
    // patterns of the rules.
    std::string because;
    CaseForm form;
};

struct Judgement {
    bool spoken = false;             // a customer wrote it: inbound, not us, not a machine
    std::string ignored_by;          // the rule that ignores it; empty: none
    std::optional<Verdict> privacy;  // a privacy request, whatever else it is
    std::optional<Verdict> other;    // the first rule that fits
    std::string text;                // the message's own words, for the case; at most kCaseText code points
    std::string title;               // its subject, else the beginning of its text

    // The one that opens a case.
    const Verdict* verdict() const { return privacy ? &*privacy : other ? &*other : nullptr; }
};

inline constexpr std::size_t kCaseText = 20'000;

class Rulebook {
  public:
    // All problems of the file, with their places.
    static std::optional<Rulebook> load(const std::string& file, spec::Problems& problems);
    static std::optional<Rulebook> load_text(std::string_view text, std::string file, spec::Problems& problems);

    // REQUIRES: `interaction` is a canonical interaction.
    Judgement judge(std::string_view connection, value::Node interaction) const;

    const Conversation& conversation() const;
    const Calendar& calendar() const;
    const std::vector<RuleTest>& tests() const;
    // 16 hex digits that change with anything that decides.
    const std::string& version() const;

  private:
    struct Compiled;
    static std::optional<Rulebook> compile(const std::optional<spec::Yaml>& yaml, spec::Problems& problems);
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace tributary::service
