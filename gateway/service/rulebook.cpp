#include "gateway/service/rulebook.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/record/text.hpp"
#include "gateway/service/message_text.hpp"
#include "gateway/service/word_list.hpp"
#include "gateway/value/json.hpp"

namespace tributary::service {
namespace {

constexpr std::size_t kReadText = 20'000;  // code points of a message that rules read: what comes later is history
constexpr std::size_t kTitle = 120;
constexpr std::int64_t kRegexMemory = 8 << 20;

struct LanguageWords {
    std::string language;  // empty: any
    WordList list;
};
using WordLists = std::map<std::string, std::vector<LanguageWords>>;

struct Matcher {
    const Condition* condition = nullptr;
    std::vector<const std::vector<LanguageWords>*> words;
    std::vector<std::shared_ptr<const re2::RE2>> patterns;
    std::vector<Matcher> any;
    std::vector<Matcher> except;  // none or one
};

// One message in every form that conditions look at.
struct Message {
    std::string_view connection;
    value::Node interaction;
    std::string author;    // folded
    std::string parts[3];  // as written, by Part
    std::string folded[3];
};

std::string author_of(value::Node interaction) {
    for (auto one : interaction.find("participants"))
        if (one.find("role").text() == "from") return std::string(one.find("address").text());
    return {};
}

bool says(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::any_of(list, [&](const std::string& one) { return equal_ignoring_case(one, text); });
}

bool is_author(const std::vector<std::string>& list, const std::string& folded) {
    auto bare = [](std::string text) { return text.starts_with('@') ? text.substr(1) : text; };
    return !folded.empty() &&
           std::ranges::any_of(list, [&](const std::string& one) { return bare(fold(one)) == bare(folded); });
}

bool speaks(const std::vector<std::string>& languages, std::string_view written) {
    return std::ranges::any_of(languages, [&](const std::string& one) {
        return equal_ignoring_case(one, written) || (written.size() > one.size() && written[one.size()] == '-' &&
                                                     equal_ignoring_case(one, written.substr(0, one.size())));
    });
}

std::optional<double> number(value::Node node) {
    auto text = node.scalar_text();
    double value = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool holds_value(value::Node node) {
    return node && !(node.is(value::Kind::array) && node.size() == 0) &&
           !(node.is(value::Kind::text) && node.text().empty());
}

bool fields_hold(const Condition& condition, const Message& message) {
    const auto& record = message.interaction;
    auto tagged = [&] {
        return std::ranges::any_of(record.find("tags"),
                                   [&](value::Node tag) { return says(condition.tags, tag.text()); });
    };
    auto sad = [&] {
        auto sentiment = number(record.find("sentiment"));
        return sentiment && *sentiment < *condition.sentiment_below;
    };
    if (!condition.connections.empty() && !says(condition.connections, message.connection)) return false;
    if (!condition.channels.empty() && !says(condition.channels, record.find("channel").text())) return false;
    if (!condition.kinds.empty() && !says(condition.kinds, record.find("kind").text())) return false;
    if (!condition.languages.empty() && !speaks(condition.languages, record.find("language").text())) return false;
    if (!condition.tags.empty() && !tagged()) return false;
    if (!condition.authors.empty() && !is_author(condition.authors, message.author)) return false;
    if (condition.sentiment_below && !sad()) return false;
    if (!condition.has.empty() &&
        std::ranges::none_of(condition.has, [&](const auto& path) { return holds_value(record.at_path(*path)); }))
        return false;
    return std::ranges::all_of(condition.fields, [&](const auto& field) {
        return says(field.second, record.at_path(field.first).scalar_text());
    });
}

// What was found of words and patterns; nullopt: something that must be found is missing.
std::optional<std::string> find_text(const Matcher& matcher, const Message& message) {
    auto part = static_cast<std::size_t>(matcher.condition->in);
    std::string because;
    if (!matcher.words.empty()) {
        for (const auto* lists : matcher.words)
            for (const auto& one : *lists) {
                if (!because.empty()) break;
                auto word = one.list.find(message.folded[part]);
                if (word.empty()) continue;
                because = "word " + word;
                if (!one.language.empty()) because += " (" + one.language + ")";
            }
        if (because.empty()) return std::nullopt;
    }
    if (!matcher.patterns.empty()) {
        std::size_t found = 0;
        while (found < matcher.patterns.size() &&
               !re2::RE2::PartialMatch(message.parts[part], *matcher.patterns[found]))
            ++found;
        if (found == matcher.patterns.size()) return std::nullopt;
        because += (because.empty() ? "" : ", ") + ("pattern " + std::to_string(found + 1));
    }
    return because;
}

std::optional<std::string> holds(const Matcher& matcher, const Message& message) {
    if (!fields_hold(*matcher.condition, message)) return std::nullopt;
    auto because = find_text(matcher, message);
    if (!because) return std::nullopt;
    if (!matcher.any.empty()) {
        std::optional<std::string> one;
        for (const auto& inner : matcher.any)
            if (one = holds(inner, message); one) break;
        if (!one) return std::nullopt;
        if (!one->empty()) *because += (because->empty() ? "" : ", ") + *one;
    }
    for (const auto& inner : matcher.except)
        if (holds(inner, message)) return std::nullopt;
    return because;
}

class Compiler {
  public:
    Compiler(const WordLists& words, spec::Problems& problems) : words_(words), problems_(problems) {}

    Matcher compile(const Condition& condition) {
        Matcher matcher{.condition = &condition};
        for (const auto& name : condition.words) add_words(name, matcher);
        for (const auto& pattern : condition.patterns) add_pattern(pattern, matcher);
        for (const auto& inner : condition.any) matcher.any.push_back(compile(inner));
        if (condition.except) matcher.except.push_back(compile(*condition.except));
        return matcher;
    }

  private:
    void add_words(const spec::Placed<std::string>& name, Matcher& matcher) {
        if (auto found = words_.find(*name); found != words_.end()) {
            matcher.words.push_back(&found->second);
            return;
        }
        std::vector<std::string> names;
        for (const auto& [known, list] : words_) names.push_back(known);
        auto near = nearest(*name, names);
        problems_.add(name.place, "there are no words '" + *name + "'" + (near ? "; did you mean " + *near + "?" : ""));
    }

    void add_pattern(const spec::Placed<std::string>& pattern, Matcher& matcher) {
        re2::RE2::Options options(re2::RE2::Quiet);
        options.set_case_sensitive(false);
        options.set_max_mem(kRegexMemory);
        auto regex = std::make_shared<const re2::RE2>(*pattern, options);
        if (!regex->ok()) problems_.add(pattern.place, "this is not a regular expression (RE2): " + regex->error());
        matcher.patterns.push_back(std::move(regex));
    }

    const WordLists& words_;
    spec::Problems& problems_;
};

// The interaction's subject and its writer's own words.
Message read(std::string_view connection, value::Node interaction) {
    Message message{.connection = connection, .interaction = interaction};
    message.author = fold(author_of(interaction));
    auto cut = [](std::string_view text) { return std::string(record::first(text, kReadText)); };
    message.parts[1] = cut(interaction.find("subject").text());
    auto body = cut(interaction.find("body").text());
    if (interaction.find("body_format").text() == "html") body = text_of_html(body);
    message.parts[2] = own_words(body);
    message.parts[0] = message.parts[1] + "\n" + message.parts[2];
    return message;
}

}  // namespace

struct Rulebook::Compiled {
    RuleFile file;
    std::string version;
    WordLists words;
    std::vector<Matcher> never, privacy, rules;
};

std::optional<Rulebook> Rulebook::compile(const std::optional<spec::Yaml>& yaml, spec::Problems& problems) {
    auto before = problems.errors();
    if (!yaml) return std::nullopt;
    auto file = spec::type_of<RuleFile>().parse(*yaml, problems);
    if (!file) return std::nullopt;
    auto all = std::make_shared<Compiled>();
    all->version = to_hex(crypto::sha256(value::to_json(spec::to_document(*yaml).root())).view().substr(0, 8));
    all->file = std::move(*file);
    for (const auto& [name, languages] : all->file.words)
        for (const auto& [language, words] : languages) {
            auto list = WordList::compile(words);
            if (list)
                all->words[name].push_back({language, std::move(*list)});
            else
                problems.add(yaml->find("words")->find(name)->place(), list.error().what);
        }
    Compiler compiler(all->words, problems);
    for (const auto& condition : all->file.never) all->never.push_back(compiler.compile(condition));
    for (const auto& rule : all->file.privacy) all->privacy.push_back(compiler.compile(rule.when));
    for (const auto& rule : all->file.rules) all->rules.push_back(compiler.compile(rule.when));
    if (problems.errors() != before) return std::nullopt;
    Rulebook book;
    book.compiled_ = std::move(all);
    return book;
}

std::optional<Rulebook> Rulebook::load(const std::string& file, spec::Problems& problems) {
    return compile(spec::read_yaml(file, problems), problems);
}

std::optional<Rulebook> Rulebook::load_text(std::string_view text, std::string file, spec::Problems& problems) {
    return compile(spec::parse_yaml(text, std::move(file), problems), problems);
}

Judgement Rulebook::judge(std::string_view connection, value::Node interaction) const {
    const auto& file = compiled_->file;
    Judgement out;
    auto message = read(connection, interaction);
    out.text = std::string(record::first(message.parts[2], kCaseText));
    out.title = std::string(trim(message.parts[1]));
    if (out.title.empty()) out.title = replace_all(record::first(trim(message.parts[2]), kTitle), "\n", " ");
    if (interaction.find("direction").text() == "outbound" || is_author(file.own, message.author)) return out;
    for (auto part : {Part::text, Part::subject, Part::body}) {
        auto i = static_cast<std::size_t>(part);
        message.parts[i] = without_urls(message.parts[i]);
        message.folded[i] = fold(message.parts[i]);
    }
    for (const auto& condition : compiled_->never)
        if (holds(condition, message)) return out;
    out.spoken = true;
    auto first = [&](const std::vector<Rule>& rules, const std::vector<Matcher>& matchers) -> std::optional<Verdict> {
        for (std::size_t i = 0; i < rules.size(); ++i) {
            auto because = holds(matchers[i], message);
            if (!because) continue;
            if (!rules[i].ignore) return Verdict{rules[i].name, std::move(*because), *rules[i].form};
            out.ignored_by = rules[i].name;
            break;
        }
        return std::nullopt;
    };
    out.privacy = first(file.privacy, compiled_->privacy);
    out.other = first(file.rules, compiled_->rules);
    return out;
}

const Conversation& Rulebook::conversation() const {
    return compiled_->file.conversation;
}
const Calendar& Rulebook::calendar() const {
    return compiled_->file.calendar;
}
const std::vector<RuleTest>& Rulebook::tests() const {
    return compiled_->file.tests;
}
const std::string& Rulebook::version() const {
    return compiled_->version;
}

}  // namespace tributary::service
