// FixtureMasks: takes personal values and credentials out of recorded answers. Pure.
//
// What a mapping puts into a personal field of the model is replaced, and so is every unmapped text that is not
// plainly technical (a number, a moment, an id, a code): better too much than a name too many. The same value becomes
// the same replacement everywhere, in a form that reads as the original did: an address as an address, a phone as a
// phone, a day as a day.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mapping/trace.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class FixtureMasks {
  public:
    // A credential, wherever it turns up, becomes `as`.
    void secret(std::string value, std::string as) { secrets_.emplace(std::move(value), std::move(as)); }
    // The trace of one record of a stream whose mapping makes `entity`: which of its fields are personal, which are
    // not.
    void learn(const mapping::Trace& trace, const record::Entity* entity);

    value::Document masked(value::Node root);
    // A text outside of any document: a header, a part of an address. Only credentials are replaced.
    std::string masked_text(std::string_view text) const;
    // Whether masked() met a member that holds a token, as an answer to a log-in does.
    bool saw_token() const { return saw_token_; }

  private:
    void write(value::Node node, std::string_view key, const std::string& path, value::Builder& out);
    std::string replaced(const std::string& text, std::string_view key);
    bool personal(const std::string& text, std::string_view key, const std::string& path) const;

    std::map<std::string, std::string> secrets_;
    std::set<std::string, std::less<>> personal_, clear_;  // paths in a record, without indexes
    std::map<std::string, std::string> known_;             // original -> replacement
    std::size_t count_ = 0;
    bool saw_token_ = false;
};

// What reads like a number, a moment, an id or a code, and like nobody's name.
bool reads_technical(std::string_view text);

}  // namespace tributary::app
