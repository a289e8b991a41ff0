#include "gateway/mapping/file.hpp"

namespace tributary::mapping {

namespace {

using spec::one_or_many;

spec::FieldNote may(std::string summary) {
    return {.summary = std::move(summary), .required = false};
}
spec::FieldNote must(std::string summary) {
    return {.summary = std::move(summary)};
}

const spec::Type<ExpectedIssue>& expected_issue() {
    static const auto full = spec::Object<ExpectedIssue>("expected_issue")
                                 .field("code", &ExpectedIssue::code, must("the issue's code"))
                                 .field("target", &ExpectedIssue::target, may("the field it is about"))
                                 .type();
    static const auto type =
        spec::with_short_form<ExpectedIssue>(full, spec::Yaml::Kind::scalar, spec::text(),
                                             [](std::string code) { return ExpectedIssue{.code = std::move(code)}; });
    return type;
}

spec::Type<Test> test_type() {
    const auto record = spec::Object<ExpectedRecord>("expected_record", "a linked record or consent event")
                            .field("entity", &ExpectedRecord::entity, must("its entity"))
                            .field("key", &ExpectedRecord::key, may("its external id"))
                            .field("record", &ExpectedRecord::record, must("the fields that matter"))
                            .type();
    return spec::Object<Test>("test", "what one source record must become")
        .place(&Test::place)
        .field("name", &Test::name, must("a sentence"))
        .field("given", &Test::given, must("the source record"))
        .field("expect", &Test::expect, may("fields of the main record; null: not there"))
        .field("expect_records", &Test::expect_records, spec::list_of(record),
               may("linked records and consent events, in any order"))
        .field("expect_issues", &Test::expect_issues, spec::list_of(expected_issue()),
               may("all issues; left out: none"))
        .field("expect_skipped", &Test::expect_skipped, may("whether the record is deliberately not taken"))
        .field("expect_deleted", &Test::expect_deleted, may("whether it is a tombstone"))
        .type();
}

}  // namespace

const spec::Type<Defaults>& describe(spec::Tag<Defaults>) {
    static const auto type =
        spec::Object<Defaults>("mapping_defaults",
                               "what holds for every field of this mapping that does not say otherwise")
            .field("zone", &Defaults::zone, may("of timestamps without an offset"))
            .field("currency", &Defaults::currency, may("of money: an ISO 4217 code, or the path of one"))
            .field("region", &Defaults::region, may("of national phone numbers: a country code, or the path of one"))
            .field("empty", &Defaults::empty, may("texts that mean no value, such as 0000-00-00"))
            .field("false_is_empty", &Defaults::false_is_empty, may("the source writes false for no value"))
            .type();
    return type;
}

const spec::Type<MappingFile>& describe(spec::Tag<MappingFile>) {
    static const auto check =
        spec::Object<CheckForm>("check", "a rule that every mapped record keeps")
            .field("lua", &CheckForm::lua,
                   must("Lua 5.4 that returns true when all is well; record is the mapped one, source the other"))
            .field("message", &CheckForm::message, must("what is wrong when it does not hold"))
            .type();
    static const auto consent = spec::Object<ConsentForm>("consent", "a consent event that the record tells of")
                                    .place(&ConsentForm::place)
                                    .field("when", &ConsentForm::when, may("it is told only then"))
                                    .field("fields", &ConsentForm::fields, must("the fields of a consent_event"))
                                    .type();
    static const auto type =
        spec::Object<MappingFile>("mapping",
                                  "how the records of one stream become canonical, or canonical ones fit a destination")
            .place(&MappingFile::place)
            .field("mapping", &MappingFile::mapping, spec::placed(spec::text(spec::path_name_rule())),
                   must("its name: connector/stream, with .out for a destination"))
            .field("to", &MappingFile::to, may("the canonical entity it makes, or external"))
            .field("from", &MappingFile::from, may("for a destination: the canonical entity it reads"))
            .field("about", &MappingFile::about, may("one sentence"))
            .field("defaults", &MappingFile::defaults, may("what holds for every field that does not say otherwise"))
            .field("fields", &MappingFile::fields, must("the fields, by target"))
            .field("require", &MappingFile::require,
                   may("targets that every record must have, beyond what the model requires"))
            .field("check", &MappingFile::check, one_or_many(check), may("rules across fields"))
            .field("skip", &MappingFile::skip, may("records that are deliberately not taken"))
            .field("deleted", &MappingFile::deleted, may("records that say they were deleted"))
            .field("consent", &MappingFile::consent, spec::list_of(consent),
                   may("consent events that a record tells of"))
            .field("tests", &MappingFile::tests, spec::list_of(test_type()),
                   may("examples, run by `tributary mapping test`"))
            .type();
    return type;
}

}  // namespace tributary::mapping
