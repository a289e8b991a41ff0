#include "connectors/data/file/s3_answer.hpp"

#include <fmt/format.h>

#include "connectors/data/file/workbook.hpp"
#include "gateway/base/text.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/net/status_fault.hpp"
#include "gateway/value/percent.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connectors::file {

namespace {

std::string text_of(value::Node node, std::string_view name) {
    const auto found = children_of(node, name);
    if (found.empty()) return {};
    return found.front().is(value::Kind::object) ? found.front().find("#text").scalar_text()
                                                 : found.front().scalar_text();
}

struct Known {
    std::string_view code;
    Fault fault;
    std::string_view text;
};
constexpr Known kKnown[] = {
    {"AccessDenied", Fault::unauthorized, "the keys may not do this in this bucket"},
    {"InvalidAccessKeyId", Fault::unauthorized, "there is no such access key"},
    {"SignatureDoesNotMatch", Fault::unauthorized, "the secret key does not belong to the access key"},
    {"ExpiredToken", Fault::unauthorized, "the session token has expired"},
    {"InvalidToken", Fault::unauthorized, "the session token is wrong"},
    {"RequestTimeTooSkewed", Fault::bad_config,
     "the clocks of this machine and of the store differ too much: set this one"},
    {"NoSuchBucket", Fault::bad_config, "there is no such bucket: look at location.bucket, region and endpoint"},
    {"PermanentRedirect", Fault::bad_config, "the bucket lies in another region: look at location.region and endpoint"},
    {"AuthorizationHeaderMalformed", Fault::bad_config, "the bucket lies in another region: look at location.region"},
    {"NoSuchKey", Fault::not_found, "there is no such object"},
    {"PreconditionFailed", Fault::transient, "the object was replaced while it was read"},
    {"SlowDown", Fault::rate_limited, "the store asks to slow down"},
    {"EntityTooLarge", Fault::bad_input, "the object is too large"},
    {"KeyTooLongError", Fault::bad_input, "the object's name is too long"},
    {"InvalidObjectState", Fault::bad_config, "the object is archived: restore it first"},
};

}  // namespace

Result<S3List> read_s3_list(std::string_view xml) {
    auto document = value::parse_xml(xml);
    if (!document || document->root().at(0).key() != std::string_view("ListBucketResult"))
        return fail(Fault::transient, "the store's list is no ListBucketResult");
    const auto root = document->root().at(0);
    const bool encoded = text_of(root, "EncodingType") == "url";
    S3List list;
    for (const auto& object : children_of(root, "Contents")) {
        auto key = text_of(object, "Key");
        if (encoded) key = value::percent_decode(replace_all(key, "+", " ")).value_or(key);
        const auto size = to_integer(text_of(object, "Size"));
        const auto modified = net::parse_rfc3339(text_of(object, "LastModified"));
        if (!size || *size < 0 || !modified)
            return fail(Fault::transient, "the store's list has an object without size or time");
        list.objects.push_back(
            {std::move(key),
             {static_cast<std::uint64_t>(*size),
              std::chrono::floor<std::chrono::seconds>(*modified).time_since_epoch().count() * 1'000'000'000,
              replace_all(text_of(object, "ETag"), "\"", "")}});
    }
    if (text_of(root, "IsTruncated") == "true") list.next = text_of(root, "NextContinuationToken");
    return list;
}

Error s3_error(const net::HttpResponse& answer, Timestamp now, std::string about) {
    std::string code;
    if (const auto document = value::parse_xml(answer.body)) code = text_of(document->root().at(0), "Code");
    if (code.size() > 64) code.clear();
    // HEAD has no body to say why.
    if (code.empty() && answer.status == 404) code = "NoSuchKey";
    if (code.empty() && answer.status == 403) code = "AccessDenied";
    if (code.empty() && answer.status == 412) code = "PreconditionFailed";
    for (const auto& known : kKnown) {
        if (known.code == code)
            return Error{known.fault, fmt::format("{} ({}, status {})", known.text, code, answer.status),
                         std::move(about)};
    }
    auto error = net::error_of(answer, now).value_or(Error{Fault::transient, "an answer that was not expected"});
    if (!code.empty()) error.what += fmt::format(" ({})", code);
    error.where = std::move(about);
    return error;
}

}  // namespace tributary::connectors::file
