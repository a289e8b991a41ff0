// How `verify:` is written in YAML.
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/verify.hpp"

namespace tributary::connector {
namespace {

spec::Type<crypto::Hash> hash_type() {
    using crypto::Hash;
    return spec::choice<Hash>("hash", {{"sha256", Hash::sha256},
                                       {"sha512", Hash::sha512},
                                       {"sha1", Hash::sha1, "for platforms that know nothing better"},
                                       {"md5", Hash::md5, "for platforms that know nothing better"}});
}

spec::Type<DigestStep> step_type() {
    return spec::choice<DigestStep>("digest_step",
                                    {{"hex", DigestStep::hex},
                                     {"base64", DigestStep::base64, "either alphabet, with or without padding"},
                                     {"after_colon", DigestStep::after_colon, "what follows the first colon"}});
}

const spec::Type<ValueList>& list_type() {
    static const auto type =
        spec::Object<ValueList>("value_list", "several values in one text")
            .field("separator", &ValueList::separator, {.summary = "what stands between them", .example = "\" \""})
            .field("pick", &ValueList::pick, {.summary = "those that begin so count, without it", .example = "\"v1,\""})
            .check([](const ValueList& list, const spec::Yaml& yaml, spec::Problems& problems) {
                if (list.separator.empty()) problems.add(yaml.place(), "a separator has at least one character");
            })
            .type();
    return type;
}

const spec::Type<SignedTime>& time_type() {
    static const auto type =
        spec::Object<SignedTime>("signed_time",
                                 "when the message was signed; it is part of `over`, else it proves nothing")
            .field("from", &SignedTime::from, {.summary = "where it is", .example = "\"{header.webhook-timestamp}\""})
            .field("list", &SignedTime::list, list_type(), {.summary = "when it is one of several values there"})
            .field("unit", &SignedTime::unit,
                   spec::choice<TimeUnit>("time_unit", {{"s", TimeUnit::seconds}, {"ms", TimeUnit::milliseconds}}),
                   {.summary = "since 1970", .fallback = "s"})
            .field("tolerance", &SignedTime::tolerance, {.summary = "how old it may be", .fallback = "5m"})
            .field("future", &SignedTime::future, {.summary = "how far ahead of our clock it may be", .fallback = "1m"})
            .type();
    return type;
}

void check_message(const SignedMessage& message, const spec::Yaml& yaml, spec::Problems& problems) {
    if (message.header.empty() == message.signature.empty())
        problems.add(yaml.place(), "say where the signature is: header or signature, one of them");
    if (message.over.empty() == message.sorted.empty())
        problems.add(yaml.place(), "say what is signed: over or sorted, one of them");
    if (message.key.constant()) problems.add(yaml.place(), "key must name a credential, such as {credentials.secret}");
    auto timed = message.over.uses("timestamp");
    for (const auto& part : message.sorted) timed = timed || part.uses("timestamp");
    if (timed && !message.timestamp) problems.add(yaml.place(), "{timestamp} needs the field timestamp");
}

template <class T>
spec::Object<T> message_object(std::string name, std::string summary, std::string encoding) {
    spec::Object<T> object(std::move(name), std::move(summary));
    object.field("header", &T::header, {.summary = "the header that holds the signature", .required = false})
        .field("signature", &T::signature,
               {.summary = "or where else it is: {json.a.b}, {query.sign}", .required = false})
        .field("prefix", &T::prefix,
               {.summary = "what each signature begins with", .required = false, .example = "sha256="})
        .field("encoding", &T::encoding, spec::one_or_many(step_type()),
               {.summary = "how the signature is written, outermost first", .fallback = std::move(encoding)})
        .field("list", &T::list, list_type(), {.summary = "when there are several signatures; one that fits is enough"})
        .field("over", &T::over, {.summary = "what is signed", .required = false, .example = "\"{timestamp}.{body}\""})
        .field("sorted", &T::sorted, {.summary = "or the parts of it, sorted bytewise and joined", .required = false})
        .field("key", &T::key, {.summary = "the secret", .example = "\"{credentials.webhook_secret}\""})
        .field(
            "key_encoding", &T::key_encoding,
            spec::choice<KeyEncoding>("key_encoding", {{"text", KeyEncoding::text, "its bytes as they are"},
                                                       {"base64", KeyEncoding::base64},
                                                       {"hex", KeyEncoding::hex},
                                                       {"html_entities", KeyEncoding::html_entities, "decoded first"}}),
            {.summary = "how the secret becomes a key", .fallback = "text"})
        .field("key_prefix", &T::key_prefix,
               {.summary = "dropped from the secret when it is there", .required = false, .example = "whsec_"})
        .field("timestamp", &T::timestamp, time_type(), {.summary = "the signed time and its replay window"})
        .check([](const T& form, const spec::Yaml& yaml, spec::Problems& problems) {
            check_message(form, yaml, problems);
        });
    return object;
}

void check_hash(const HashVerify& form, const spec::Yaml& yaml, spec::Problems& problems) {
    bool keyed = form.over.uses("key");
    for (const auto& part : form.sorted) keyed = keyed || part.uses("key");
    if (!keyed) problems.add(yaml.place(), "the hashed text must hold {key}, else anyone can make it");
}

void check_names(const SignedMessage& message, const Names& names, spec::Problems& problems) {
    for (const auto* part : {&message.signature, &message.over, &message.key}) part->check(names, problems);
    for (const auto& part : message.sorted) part.check(names, problems);
    if (message.timestamp) message.timestamp->from.check(names, problems);
}
void check_names(const StaticVerify& form, const Names& names, spec::Problems& problems) {
    form.value.check(names, problems);
    form.key.check(names, problems);
}
void check_names(const JwtVerify& form, const Names& names, spec::Problems& problems) {
    form.check(names, problems);
}
void check_names(const NoVerify&, const Names&, spec::Problems&) {}
void check_names(const AnyVerify& form, const Names& names, spec::Problems& problems) {
    for (const auto& each : form.of) each.check(names, problems);
}

}  // namespace

void Verify::check(const Names& names, spec::Problems& problems) const {
    std::visit([&](const auto& form) { check_names(form, names, problems); }, how);
}

spec::Object<StaticVerify> static_verify_object() {
    spec::Object<StaticVerify> object("static_verify", "a secret that is sent along with the webhook");
    object.field("value", &StaticVerify::value, {.summary = "where it is", .example = "\"{header.X-Token}\""})
        .field("each", &StaticVerify::each,
               {.summary = "path to a list in the JSON body; every {item.x} must carry it", .required = false})
        .field("key", &StaticVerify::key, {.summary = "what it must be", .example = "\"{credentials.token}\""})
        .check([](const StaticVerify& form, const spec::Yaml& yaml, spec::Problems& problems) {
            if (form.key.constant())
                problems.add(yaml.place(), "key must name a credential, such as {credentials.token}");
            if (form.value.uses("item") == form.each.empty())
                problems.add(yaml.place(), "each and {item.x} belong together");
        });
    return object;
}

const spec::Type<Verify>& describe(spec::Tag<Verify>) {
    static const auto type = [] {
        auto hmac = message_object<HmacVerify>("hmac_verify", "a keyed hash over parts of the request", "hex");
        hmac.field("algorithm", &HmacVerify::algorithm, hash_type(), {.summary = "the hash", .fallback = "sha256"});
        auto hash = message_object<HashVerify>("hash_verify", "a plain hash over a text that holds the secret", "hex");
        hash.field("algorithm", &HashVerify::algorithm, hash_type(), {.summary = "the hash", .fallback = "sha256"});
        hash.check(check_hash);
        auto ecdsa =
            message_object<EcdsaVerify>("ecdsa_verify", "ECDSA on P-256 with SHA-256; key is the public key", "base64");
        auto none = spec::Object<NoVerify>("no_verify", "nothing is verified; keep the URL of the webhook secret");
        none.field("because", &NoVerify::because,
                   {.summary = "why that must be", .example = "the platform signs nothing"});
        auto any = spec::Object<AnyVerify>("any_verify", "what one of several accepts");
        any.field("of", &AnyVerify::of, {.summary = "the ways, the best first"});
        auto convert = spec::Alternatives<Verify>("verify", "how a webhook proves where it comes from");
        return convert.alternative("hmac", hmac)
            .alternative("hash", hash)
            .alternative("ecdsa", ecdsa)
            .alternative("static", static_verify_object())
            .alternative("jwt", jwt_verify_object())
            .alternative("any_of", any)
            .alternative("none", none)
            .type();
    }();
    return type;
}

}  // namespace tributary::connector
