// The description of purposes.yaml.
#include <fmt/format.h>

#include "gateway/base/ascii.hpp"
#include "gateway/consent/purpose.hpp"

namespace tributary::consent {
namespace {

enum class Unknown { deny, allow };

// A purpose as written: `when_unknown` is a name there.
struct WrittenPurpose : Purpose {
    Unknown when_unknown = Unknown::deny;
};

struct File {
    std::vector<spec::Named<WrittenPurpose>> purposes;
};

spec::TextRule key_rule() {
    return {.name = "purpose",
            .expected = "a purpose: lower-case words joined by dots, such as marketing.email",
            .pattern = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$",
            .holds = [](std::string_view key) {
                bool start = true;
                for (char c : key) {
                    bool letter = is_lower(c);
                    bool inner = letter || c == '_' || is_digit(c);
                    if (start ? !letter : !inner && c != '.') return false;
                    start = c == '.';
                }
                return !start;
            }};
}

spec::TextRule jurisdiction_rule() {
    return {.name = "jurisdiction",
            .expected = "an ISO 3166 code such as CN or US-CA",
            .pattern = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
            .holds = [](std::string_view text) {
                auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
                if (text.size() < 2 || !upper(text[0]) || !upper(text[1])) return false;
                if (text.size() == 2) return true;
                auto region = text.substr(3);
                return text[2] == '-' && !region.empty() && region.size() <= 3 &&
                       region.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
            }};
}

const spec::Type<Basis>& basis_type() {
    static const auto type = spec::choice<Basis>(
        "lawful_basis", {{"consent", Basis::consent},
                         {"explicit_consent", Basis::explicit_consent},
                         {"contract", Basis::contract},
                         {"legal_obligation", Basis::legal_obligation},
                         {"vital_interest", Basis::vital_interest},
                         {"public_task", Basis::public_task},
                         {"legitimate_interest", Basis::legitimate_interest},
                         {"pipl_separate_consent", Basis::pipl_separate_consent, "China, PIPL 23, 25, 26, 29 and 39"}});
    return type;
}

const spec::Type<Channel>& channel_type() {
    static const auto type = spec::choice<Channel>("channel", {{"email", Channel::email},
                                                               {"sms", Channel::sms},
                                                               {"mms", Channel::mms},
                                                               {"phone", Channel::phone},
                                                               {"post", Channel::post},
                                                               {"fax", Channel::fax},
                                                               {"push", Channel::push},
                                                               {"chat", Channel::chat},
                                                               {"social", Channel::social},
                                                               {"inapp", Channel::inapp},
                                                               {"any", Channel::any}});
    return type;
}

const spec::Type<Unknown>& unknown_type() {
    static const auto type =
        spec::choice<Unknown>("when_unknown", {{"deny", Unknown::deny}, {"allow", Unknown::allow}});
    return type;
}

// Silence can never stand for a consent.
void check_purpose(const WrittenPurpose& purpose, const spec::Yaml& yaml, spec::Problems& problems) {
    if (purpose.when_unknown == Unknown::allow) {
        bool consent = needs_consent(purpose.lawful_basis);
        for (const auto& [jurisdiction, basis] : purpose.basis_in) consent = consent || needs_consent(basis);
        if (consent)
            problems.add(yaml.find("when_unknown")->place(),
                         "a purpose that rests on consent cannot be allowed when nothing is known");
    }
    if (purpose.lawful_basis == Basis::legitimate_interest && !purpose.assessment)
        problems.warn(yaml.place(),
                      "a legitimate interest counts only with an assessment on file; name it in 'assessment'");
}

const spec::Type<WrittenPurpose>& describe(spec::Tag<WrittenPurpose>) {
    using P = WrittenPurpose;
    static const auto type =
        spec::Object<P>("purpose", "one reason for using personal data")
            .field("title", &P::title, {.summary = "its name for people", .example = "Order fulfilment"})
            .field("description", &P::description,
                   {.summary = "what is done with the data, as the notice says it", .fallback = "''"})
            .field("data_use", &P::data_use,
                   {.summary = "its place in fideslang", .fallback = "''", .example = "essential.service"})
            .field("dpv", &P::dpv, {.summary = "its DPV term", .fallback = "''", .example = "CustomerOrderManagement"})
            .field("lawful_basis", &P::lawful_basis, basis_type(), {.summary = "what it rests on"})
            .field("basis_in", &P::basis_in, spec::map_of(basis_type(), jurisdiction_rule()),
                   {.summary = "where a jurisdiction differs",
                    .fallback = "{}",
                    .example = "{ CN: pipl_separate_consent }"})
            .field("when_unknown", &P::when_unknown, unknown_type(),
                   {.summary = "the answer when no event is known; allow only where nothing rests on consent",
                    .fallback = "deny"})
            .field("channels", &P::channels, spec::list_of(channel_type()),
                   {.summary = "the channels it may use; none means every channel", .fallback = "[]"})
            .field("needs_doi", &P::needs_doi,
                   {.summary = "a grant counts only after its double opt-in was confirmed", .fallback = "false"})
            .field("expiry", &P::expiry, {.summary = "a grant ends after so long without activity", .example = "730d"})
            .field("assessment", &P::assessment,
                   {.summary = "where the assessment of a legitimate interest is filed", .example = "LIA-7"})
            .field("accepts_import", &P::accepts_import,
                   {.summary = "imported grants without proof count; never for direct marketing", .fallback = "false"})
            .field("sensitive_requires_explicit", &P::sensitive_requires_explicit,
                   {.summary = "class P3 needs an explicit or separate consent", .fallback = "true"})
            .field("direct_marketing", &P::direct_marketing,
                   {.summary = "suppressions and objections end it", .fallback = "false"})
            .field("profiling", &P::profiling, {.summary = "objections end it", .fallback = "false"})
            .field("third_party", &P::third_party,
                   {.summary = "data leave for a controller of their own; objections end it", .fallback = "false"})
            .field(
                "allowed_when_restricted", &P::allowed_when_restricted,
                {.summary = "goes on for a restricted subject: storage, legal claims, security", .fallback = "false"})
            .field("superseded_notices", &P::superseded_notices,
                   {.summary = "notice versions under which a grant no longer counts", .fallback = "[]"})
            .check(check_purpose)
            .example(
                "title: Newsletter\ndata_use: marketing.communications.email\ndpv: DirectMarketing\nlawful_basis: "
                "consent\n"
                "channels: [email]\nneeds_doi: true\nexpiry: 730d\ndirect_marketing: true\n")
            .type();
    return type;
}

}  // namespace

const spec::Type<PurposeRegistry>& describe(spec::Tag<PurposeRegistry>) {
    static const auto file =
        spec::Object<File>("purposes", "why data may be used: each delivery names one of these")
            .field("purposes", &File::purposes, spec::ordered_map_of(spec::type_of<WrittenPurpose>(), key_rule()),
                   {.summary = "by key; marketing.email stands below marketing"})
            .type();
    static const spec::Type<PurposeRegistry> type(
        file.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<PurposeRegistry> {
            auto written = file.parse(yaml, problems);
            if (!written) return std::nullopt;
            std::vector<Purpose> all;
            for (auto& [key, purpose] : written->purposes) {
                purpose.key = key;
                purpose.allow_when_unknown = purpose.when_unknown == Unknown::allow;
                all.push_back(std::move(purpose));
            }
            return PurposeRegistry(std::move(all));
        });
    return type;
}

}  // namespace tributary::consent
