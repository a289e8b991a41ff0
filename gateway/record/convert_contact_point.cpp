#include "gateway/base/text.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/email.hpp"
#include "gateway/record/text.hpp"

namespace tributary::record {

Conversion convert_email(const ConvertJob& job, value::Node in) {
    if (!in.is(value::Kind::text)) return job.invalid("email_invalid");
    thread_local Email email;  // keeps its buffers from record to record
    if (const auto code = parse_email(trimmed(in.text()), email); !code.empty()) return job.invalid(code);
    job.begin();
    job.out.key("address").text(email.address);
    job.out.key("norm").text(email.norm);
    if (!job.options().label.empty()) job.out.key("type").text(job.options().label);
    job.end();
    return Conversion::written;
}

Conversion convert_phone(const ConvertJob& job, value::Node in) {
    constexpr std::size_t kLongestRaw = 100;
    std::string scratch, number;
    std::string_view raw;
    if (in.is(value::Kind::text))
        raw = clean_text(in.text(), scratch).text;
    else if (in.is(value::Kind::integer))
        raw = number = std::to_string(in.integer());
    if (raw.empty()) return job.invalid("phone_invalid");
    auto region = std::string_view(job.options().region);
    if (const auto known = find_country(trimmed(job.context.region))) region = *known;
    const auto phone = job.plan.phones->read(raw, region);
    if (!phone && (job.options().strict || length(raw) > kLongestRaw)) return job.invalid("phone_invalid");
    job.begin();
    if (phone) job.out.key("e164").text(phone->e164);
    job.out.key("raw").text(raw);
    const auto type = job.options().label.empty() && phone ? std::string_view(phone->type) : job.options().label;
    if (!type.empty()) job.out.key("type").text(type);
    if (phone && !phone->ext.empty()) job.out.key("ext").text(phone->ext);
    if (phone && !phone->region.empty()) job.out.key("region").text(phone->region);
    job.end();
    return phone ? Conversion::written : job.flagged("phone_invalid");
}

}  // namespace tributary::record
