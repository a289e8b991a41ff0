#include "gateway/service/rule_file.hpp"

#include <algorithm>
#include <cstdio>

namespace tributary::service {

static const spec::Type<Condition>& describe(spec::Tag<Condition>);

namespace {

spec::FieldNote may(std::string summary, std::string example = {}) {
    return {.summary = std::move(summary), .required = false, .example = std::move(example)};
}

spec::Type<Due> due_type() {
    return spec::from_text<Due>({.name = "due", .expected = "a time such as 4h, 2d, 15 working days or 1 month"},
                                parse_due);
}

struct WrittenCalendar {
    std::string time_zone;
    std::vector<unsigned> working_days;
    std::vector<std::chrono::sys_days> holidays;
};

Result<std::chrono::sys_days> parse_day(std::string_view text) {
    int year = 0;
    unsigned month = 0, day = 0;
    char more = 0;
    if (text.size() == 10 && std::sscanf(std::string(text).c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &more) == 3) {
        std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
        if (date.ok()) return std::chrono::sys_days(date);
    }
    return fail(Fault::bad_config, "must be a date such as 2026-12-25");
}

const spec::Type<Calendar>& calendar_type() {
    using W = WrittenCalendar;
    static const auto written =
        spec::Object<W>("service_calendar", "the clock and the days by which times run out")
            .field("time_zone", &W::time_zone,
                   {.summary = "an IANA zone", .fallback = "UTC", .example = "Europe/Berlin"})
            .field("working_days", &W::working_days,
                   spec::list_of(
                       spec::choice<unsigned>(
                           "weekday",
                           {{"mon", 1U}, {"tue", 2U}, {"wed", 3U}, {"thu", 4U}, {"fri", 5U}, {"sat", 6U}, {"sun", 7U}}),
                       1, 7),
                   {.summary = "days of the week on which people work", .fallback = "[mon, tue, wed, thu, fri]"})
            .field("holidays", &W::holidays,
                   spec::list_of(spec::from_text<std::chrono::sys_days>(
                       {.name = "date", .expected = "a date such as 2026-12-25"}, parse_day)),
                   {.summary = "dates on which nobody works; one that is missing makes a date earlier, never later",
                    .fallback = "[]",
                    .example = "[\"2026-12-25\"]"})
            .check([](const W& calendar, const spec::Yaml& yaml, spec::Problems& problems) {
                if (auto zone = record::ZoneRule::find(calendar.time_zone); !zone || !zone->known())
                    problems.add(yaml.place(), "there is no time zone '" + calendar.time_zone + "'");
            })
            .type();
    static const spec::Type<Calendar> type(
        written.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<Calendar> {
            auto found = written.parse(yaml, problems);
            if (!found) return std::nullopt;
            Calendar calendar;
            calendar.zone = *record::ZoneRule::find(found->time_zone);
            calendar.weekdays = {found->working_days.begin(), found->working_days.end()};
            calendar.holidays = {found->holidays.begin(), found->holidays.end()};
            return calendar;
        });
    return type;
}

const spec::Type<Conversation>& conversation_type() {
    using C = Conversation;
    using std::chrono::days;
    static const auto type =
        spec::Object<C>("service_conversation", "when a message belongs to a case that is there already")
            .field("window", &C::window, spec::duration(Milliseconds{0}, days{3650}),
                   {.summary = "after the last message: a follow-up reopens the closed case; later it opens a new one",
                    .fallback = "30d"})
            .field("reopen", &C::reopen,
                   spec::choice<Reopen>("reopen", {{"always", Reopen::always, "any message of the customer does"},
                                                   {"matched", Reopen::matched, "only one that a rule takes"}}),
                   {.summary = "which follow-up reopens a closed case", .fallback = "always"})
            .field("max_age", &C::max_age, spec::duration(std::chrono::hours{1}, days{3650}),
                   {.summary = "an older message opens no case, as when a mailbox is read for the first time; a "
                               "privacy request always does",
                    .fallback = "30d"})
            .type();
    return type;
}

template <class M>
spec::Type<std::vector<M>> some(spec::Type<M> item) {
    return spec::one_or_many(std::move(item));
}

const spec::Type<CaseForm>& form_type() {
    using F = CaseForm;
    auto word = [](std::string name, std::vector<std::string> words) {
        spec::TextRule rule{.name = std::move(name), .expected = "one of"};
        for (const auto& one : words) rule.expected += (one == words.front() ? " " : ", ") + one;
        rule.holds = [words](std::string_view text) { return std::ranges::find(words, text) != words.end(); };
        return spec::text(std::move(rule));
    };
    static const auto type =
        spec::Object<F>("service_case", "the case that a message becomes")
            .field("kind", &F::kind,
                   word("case_kind", {"question", "request", "incident", "complaint", "return", "privacy_request"}),
                   {.summary = "what the customer wants"})
            .field("category", &F::category, may("who deals with it; mappings choose a project by it", "Complaints"))
            .field("priority", &F::priority, word("priority", {"low", "normal", "high", "urgent"}),
                   {.summary = "how urgent", .fallback = "normal"})
            .field("severity", &F::severity, spec::whole_number(1, 4), may("1 is the worst"))
            .field("first_response", &F::first_response, due_type(), may("when somebody must have answered", "1d"))
            .field("resolve", &F::resolve, due_type(), may("when it must be done", "5 working days"))
            .field("policy", &F::policy, may("where the times come from; stands in the case", "GDPR 12(3)"))
            .field("tags", &F::tags, some(spec::text()), may("labels of the case", "[privacy_officer]"))
            .example("{ kind: complaint, category: Complaints, priority: high, first_response: 1d }")
            .type();
    return type;
}

const spec::Type<Rule>& rule_type(bool privacy) {
    using R = Rule;
    auto object = [&](std::string name, std::string summary) {
        return spec::Object<R>(std::move(name), std::move(summary))
            .field("name", &R::name, spec::text(spec::name_rule()), {.summary = "stands in audit and cases"})
            .field("when", &R::when, spec::type_of<Condition>(), {.summary = "which messages", .fallback = "{}"})
            .place(&R::place);
    };
    static const auto ordinary =
        object("service_rule", "one rule: the first that fits a message decides")
            .field("ignore", &R::ignore, {.summary = "the message needs no answer", .fallback = "false"})
            .field("case", &R::form, form_type(), may("what it becomes"))
            .check([](const R& rule, const spec::Yaml&, spec::Problems& problems) {
                if (rule.ignore == rule.form.has_value())
                    problems.add(rule.place, "a rule has either `case` or `ignore: true`");
                if (rule.form && rule.form->kind == "privacy_request")
                    problems.add(rule.place, "privacy requests have rules of their own, under `privacy`");
            })
            .type();
    static const auto of_privacy =
        object("service_privacy_rule", "a privacy request: looked at before all other rules, which cannot undo it")
            .field("case", &R::form, form_type(), {.summary = "what it becomes; `resolve` is the deadline of the law"})
            .check([](const R& rule, const spec::Yaml&, spec::Problems& problems) {
                if (!rule.form || rule.form->kind != "privacy_request")
                    problems.add(rule.place, "the case of a privacy rule has kind: privacy_request");
                else if (!rule.form->resolve)
                    problems.add(rule.place, "a privacy request has a deadline: give `resolve`");
            })
            .type();
    return privacy ? of_privacy : ordinary;
}

const spec::Type<RuleTest>& test_type() {
    using T = RuleTest;
    static const auto type =
        spec::Object<T>("service_test", "one message and what must become of it")
            .field("name", &T::name, {.summary = "what it shows"})
            .field("connection", &T::connection, {.summary = "where the message came from", .fallback = "test"})
            .field("given", &T::given, {.summary = "an interaction"})
            .field("expect", &T::expect, may("fields of the case that it opens"))
            .field("expect_rule", &T::expect_rule, may("the rule that takes or ignores it"))
            .field("expect_none", &T::expect_none, {.summary = "it opens no case", .fallback = "false"})
            .place(&T::place)
            .type();
    return type;
}

spec::Type<Words> words_type() {
    auto list = spec::list_of(spec::text(), 1);
    return spec::with_short_form(spec::ordered_map_of(list), spec::Yaml::Kind::sequence, list,
                                 [](std::vector<std::string> all) {
                                     Words words;
                                     words.push_back({"", std::move(all)});
                                     return words;
                                 });
}

}  // namespace

static const spec::Type<Condition>& describe(spec::Tag<Condition>) {
    using C = Condition;
    auto texts = [] { return some(spec::text()); };
    auto placed = [] { return some(spec::placed(spec::text())); };
    static const auto type =
        spec::Object<C>("service_condition",
                        "all that is written must hold; of each list one item is enough. Empty: every message")
            .field("connections", &C::connections, texts(), may("where it came from"))
            .field("channels", &C::channels, texts(), may("its `channel`, such as bluesky"))
            .field("kinds", &C::kinds, texts(), may("its `kind`", "[email, social_comment]"))
            .field("languages", &C::languages, texts(), may("its `language`; de stands for de-AT too"))
            .field("tags", &C::tags, texts(), may("one of its labels; letter case does not count"))
            .field("authors", &C::authors, texts(), may("who wrote it: address, handle or id"))
            .field("words", &C::words, placed(), may("names of `words`: one of their words stands in it", "complaint"))
            .field("patterns", &C::patterns, placed(),
                   may("regular expressions (RE2), letter case does not count; one is found in it"))
            .field("in", &C::in,
                   spec::choice<Part>(
                       "message_part",
                       {{"text", Part::text, "subject and body"}, {"subject", Part::subject}, {"body", Part::body}}),
                   {.summary = "where words and patterns are looked for", .fallback = "text"})
            .field("sentiment_below", &C::sentiment_below, spec::number(), may("its `sentiment` is known and lower"))
            .field("has", &C::has, placed(), may("paths of which one holds a value", "attachments"))
            .field("fields", &C::fields, spec::map_of(texts()),
                   may("paths and the values of which one must stand there"))
            .field("any", &C::any, may("conditions of which one must hold"))
            .field("except", &C::except, spec::type_of<Condition>(), may("a condition that must not hold"))
            .place(&C::place)
            .example("{ kinds: [email, social_message], words: complaint }")
            .type();
    return type;
}

const spec::Type<RuleFile>& describe(spec::Tag<RuleFile>) {
    using F = RuleFile;
    static const auto type =
        spec::Object<F>("service_rules", "which messages need an answer, and the cases that they become")
            .field("calendar", &F::calendar, calendar_type(), {.summary = "clock and working days", .fallback = "{}"})
            .field("conversation", &F::conversation, conversation_type(),
                   {.summary = "follow-ups and old messages", .fallback = "{}"})
            .field("own", &F::own, spec::list_of(spec::text()),
                   {.summary = "addresses, handles and ids that are us: what they write never makes a case",
                    .fallback = "[]",
                    .example = "[support@acme.example, \"@acme\"]"})
            .field("never", &F::never,
                   {.summary = "messages that nobody wrote, such as automatic answers: neither a case nor a follow-up",
                    .fallback = "[]"})
            .field("words", &F::words, spec::ordered_map_of(words_type(), spec::name_rule()),
                   {.summary = "lists of words for conditions: one list, or one for each language", .fallback = "{}"})
            .field("privacy", &F::privacy, spec::list_of(rule_type(true)),
                   {.summary = "rules of privacy requests; `ignore` rules do not hide one", .fallback = "[]"})
            .field("rules", &F::rules, spec::list_of(rule_type(false)),
                   {.summary = "all other rules, the first that fits decides", .fallback = "[]"})
            .field("tests", &F::tests, spec::list_of(test_type()), {.summary = "examples", .fallback = "[]"})
            .example(
                "rules:\n  - name: complaint\n    when: { kinds: email, patterns: \"broken\" }\n    case: { kind: "
                "complaint, priority: high }\n")
            .type();
    return type;
}

}  // namespace tributary::service
