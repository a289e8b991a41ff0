// RuleFile: service_rules.yaml as it is written: which messages of customers need an answer, and what case they become.
// rulebook.hpp compiles it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/service/due.hpp"
#include "gateway/spec/load.hpp"

namespace tributary::service {

enum class Part { text, subject, body };

// All that is written must hold; of each list one item is enough.
struct Condition {
    std::vector<std::string> connections, channels, kinds, languages, tags, authors;
    std::vector<spec::Placed<std::string>> words, patterns, has;
    std::map<std::string, std::vector<std::string>> fields;
    std::optional<double> sentiment_below;
    Part in = Part::text;
    std::vector<Condition> any;
    std::unique_ptr<Condition> except;
    spec::Place place;
};

// What a matching message becomes.
struct CaseForm {
    std::string kind;
    std::string category, policy;
    std::string priority;
    std::optional<std::int64_t> severity;
    std::optional<Due> first_response, resolve;
    std::vector<std::string> tags;
};

struct Rule {
    std::string name;
    Condition when;
    bool ignore = false;
    std::optional<CaseForm> form;
    spec::Place place;
};

enum class Reopen { always, matched };

struct Conversation {
    Milliseconds window{};   // after the last message: a closed case is reopened, later a new one is opened
    Milliseconds max_age{};  // older messages open no case
    Reopen reopen = Reopen::always;
};

struct RuleTest {
    std::string name;
    std::string connection;
    spec::Yaml given;
    std::optional<spec::Yaml> expect;
    std::string expect_rule;  // empty: not compared
    bool expect_none = false;
    spec::Place place;
};

// The words of one name, by language.
using Words = std::vector<spec::Named<std::vector<std::string>>>;

struct RuleFile {
    Calendar calendar;
    Conversation conversation;
    std::vector<std::string> own;
    std::vector<spec::Named<Words>> words;
    std::vector<Condition> never;
    std::vector<Rule> privacy, rules;
    std::vector<RuleTest> tests;
};

const spec::Type<RuleFile>& describe(spec::Tag<RuleFile>);

}  // namespace tributary::service
