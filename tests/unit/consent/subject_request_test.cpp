#include "gateway/consent/subject_request.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/duration.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::consent;

namespace {

struct RequestCase {
    std::string name, expect, kind = "erasure";
    std::size_t people = 1, four_eyes_above = 1;
    std::vector<std::string> acts;
};
struct DueCase {
    std::string regulation, received, due;
};
struct RequestCases {
    std::vector<RequestCase> cases;
    std::vector<DueCase> due;
};

const spec::Type<RequestCase>& describe(spec::Tag<RequestCase>) {
    using C = RequestCase;
    static const auto type = spec::Object<C>("case")
                                 .field("name", &C::name, {})
                                 .field("kind", &C::kind, {.required = false})
                                 .field("people", &C::people, {.required = false})
                                 .field("four_eyes_above", &C::four_eyes_above, {.required = false})
                                 .field("acts", &C::acts, {})
                                 .field("expect", &C::expect, {})
                                 .type();
    return type;
}
const spec::Type<DueCase>& describe(spec::Tag<DueCase>) {
    static const auto type = spec::Object<DueCase>("due")
                                 .field("regulation", &DueCase::regulation, {})
                                 .field("received", &DueCase::received, {})
                                 .field("due", &DueCase::due, {})
                                 .type();
    return type;
}
const spec::Type<RequestCases>& describe(spec::Tag<RequestCases>) {
    static const auto type = spec::Object<RequestCases>("cases")
                                 .field("cases", &RequestCases::cases, {})
                                 .field("due", &RequestCases::due, {})
                                 .type();
    return type;
}

RequestCases load_cases() {
    spec::Problems problems;
    auto cases = spec::load<RequestCases>(TRIBUTARY_SOURCE_DIR "/tests/cases/subject_request/acts.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    return *cases;
}

SubjectRequest fresh(const RequestCase& one, Timestamp now) {
    SubjectRequest request;
    request.uid.bytes[0] = 7;
    request.kind = request_kind_named(one.kind).value();
    request.customers.resize(one.people);
    request.received_at = now;
    request.due_at = request_due(request.regulation, now);
    request.requested_by = "anna";
    return request;
}

// "approve by:ben text!"
RequestAct act_of(const std::string& written) {
    RequestAct act;
    const auto word = written.substr(0, written.find(' '));
    act.type = request_act_named(word).value();
    auto rest = word.size() < written.size() ? written.substr(word.size() + 1) : std::string();
    act.by = "carl";
    if (rest.starts_with("by:")) {
        const auto end = rest.find(' ');
        act.by = rest.substr(3, end == std::string::npos ? end : end - 3);
        rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
    act.text = rest;
    return act;
}

}  // namespace

TEST_CASE("requests of subjects go their way and no other", "[subject][req24][req28]") {
    for (const auto& one : load_cases().cases) {
        INFO(one.name);
        Timestamp now = record::parse_timestamp("2026-01-05T10:00:00Z").value();
        auto request = fresh(one, now);
        for (auto written : one.acts) {
            INFO(written);
            if (written.starts_with('+')) {
                now += parse_duration(written.substr(1)).value();
                continue;
            }
            const bool refused = written.ends_with('!');
            if (refused) written.pop_back();
            auto act = act_of(written);
            act.at = now;
            act.four_eyes_above = one.four_eyes_above;
            const auto state = request.state;
            const auto done = apply(request, act);
            CHECK(done.has_value() != refused);
            if (!done) CHECK(request.state == state);
            // What is kept is what was meant.
            const auto kept = to_document(request);
            CHECK(subject_request_from(kept.root()).value() == request);
            if (request.state >= RequestState::scoped && request.state <= RequestState::completed)
                CHECK(request.verified());
        }
        CHECK(name_of(request.state) == one.expect);
    }
}

TEST_CASE("requests fall due by their law", "[subject]") {
    for (const auto& one : load_cases().due) {
        INFO(one.regulation << " " << one.received);
        const auto received = record::parse_timestamp(one.received).value();
        CHECK(record::timestamp_text(request_due(regulation_named(one.regulation).value(), received)) == one.due);
    }
}
