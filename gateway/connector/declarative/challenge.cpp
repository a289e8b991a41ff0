#include "gateway/connector/declarative/challenge.hpp"

#include <algorithm>

#include "gateway/connector/declarative/signature_parts.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

constexpr std::size_t kLongestAnswer = 4096;

// A name that cannot be read (a body that is no JSON) is a value that is not there.
std::optional<std::string> value_of(const std::string& name, SignatureValues& values) {
    auto found = values.scope().find(name);
    if (!found) return std::nullopt;
    if (found->text) return found->text;
    return found->node ? std::optional(found->node.scalar_text()) : std::nullopt;
}

Result<InboundAnswer> fill_in(const Challenge::Answer& form, SignatureValues& values) {
    InboundAnswer answer{form.status, "text/plain; charset=utf-8", ""};
    if (form.json) {
        TRY(auto document, form.json->render(values.scope()));
        answer.content_type = "application/json";
        value::write_json(document.root(), answer.body);
    } else {
        TRY(answer.body, form.text.render_required(values.scope()));
    }
    if (answer.body.size() > kLongestAnswer) return fail(Fault::bad_input, "a challenge is at most 4 KB");
    return answer;
}

Result<InboundAnswer> answer(const Challenge& challenge, const Verify& verify, SignatureValues& values, Timestamp now,
                             const TimeWindow& window) {
    if (challenge.token) {
        auto fits = Verify{*challenge.token}.verify(values, now, window);
        if (!fits && fits.error().fault == Fault::unauthorized) return refuse(kChallengeRefused);
        if (!fits) return pass(std::move(fits));
    }
    if (challenge.is_signed) CHECK_OK(verify.verify(values, now, window));
    if (challenge.verify) CHECK_OK(challenge.verify->verify(values, now, window));
    return fill_in(challenge.answer, values);
}

}  // namespace

bool Challenge::applies(SignatureValues& values) const {
    if (!when.method.empty() && values.request().method != when.method) return false;
    return std::ranges::all_of(when.values,
                               [&](const ValueTest& test) { return test.holds(value_of(test.path, values)); });
}

void Challenge::check(const Names& names, spec::Problems& problems) const {
    if (token) {
        token->value.check(names, problems);
        token->key.check(names, problems);
    }
    if (verify) verify->check(names, problems);
    answer.text.check(names, problems);
    if (answer.json) answer.json->check(names, problems);
}

std::optional<Result<InboundAnswer>> answer_challenge(const std::vector<Challenge>& challenges, const Verify& verify,
                                                      SignatureValues& values, Timestamp now,
                                                      const TimeWindow& window) {
    for (const auto& challenge : challenges)
        if (challenge.applies(values)) return answer(challenge, verify, values, now, window);
    return std::nullopt;
}

const spec::Type<Challenge>& describe(spec::Tag<Challenge>) {
    static const auto type = [] {
        auto when =
            spec::Object<Challenge::When>("challenge_when", "which requests are this handshake; all of it must hold");
        when.field("method", &Challenge::When::method, {.summary = "GET or POST", .required = false})
            .field("values", &Challenge::When::values, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "tests of values; path is a name such as query.hub.mode", .required = false})
            .check([](const Challenge::When& form, const spec::Yaml& yaml, spec::Problems& problems) {
                auto names = signature_names();
                for (const auto& test : form.values)
                    if (auto objection = names.objection(test.path)) problems.add(yaml.place(), *objection);
                if (form.values.empty())
                    problems.add(yaml.place(), "say which values tell this handshake from a delivery");
            });
        auto answer = spec::Object<Challenge::Answer>("challenge_answer", "what is answered");
        answer
            .field("status", &Challenge::Answer::status, spec::integer<int>(200, 299),
                   {.summary = "HTTP status", .fallback = "200"})
            .field("text", &Challenge::Answer::text, {.summary = "as text/plain", .required = false})
            .field("json", &Challenge::Answer::json, {.summary = "as application/json"});
        return spec::Object<Challenge>("challenge", "a handshake that the platform expects an answer to")
            .field("when", &Challenge::when, when.type(), {.summary = "which requests it is"})
            .field("token", &Challenge::token, static_verify_object().type(),
                   {.summary = "a secret that must be sent along"})
            .field("signed", &Challenge::is_signed,
                   {.summary = "it must be signed like a delivery", .fallback = "false"})
            .field("verify", &Challenge::verify,
                   {.summary = "how it must be signed, where deliveries are not signed so"})
            .field("answer", &Challenge::answer, answer.type(), {.summary = "what is answered"})
            .type();
    }();
    return type;
}

}  // namespace tributary::connector
