#include "gateway/base/text.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/date.hpp"

namespace tributary::record {

Conversion convert_timestamp(const ConvertJob& job, value::Node in) {
    const auto parsed = job.plan.time->parse(in);
    if (!parsed) return job.invalid(parsed.error());
    char text[kTimestampSize];
    write_timestamp(parsed->at, text);
    job.out.text({text, kTimestampSize});
    return parsed->ambiguous ? job.flagged("ambiguous_time") : Conversion::written;
}

Conversion convert_date(const ConvertJob& job, value::Node in) {
    const auto parsed = job.plan.time->parse(in);
    if (!parsed) return job.invalid("date_invalid");
    if (parsed->local.time_since_epoch() % std::chrono::days{1} != Milliseconds{0}) return job.invalid("date_has_time");
    char text[kTimestampSize];
    write_timestamp(parsed->local, text);
    return job.written({text, 10});
}

Conversion convert_partial_date(const ConvertJob& job, value::Node in) {
    if (job.plan.time || in.is(value::Kind::object)) {
        if (job.plan.time) return convert_date(job, in);
        static const auto kObjects = TimestampFormat::compile("tryton", {});
        const auto parsed = kObjects->parse(in);
        if (!parsed) return job.invalid("partial_date_invalid");
        return job.written(timestamp_text(parsed->local).substr(0, 10));
    }
    const auto year = in.is(value::Kind::integer) ? std::to_string(in.integer()) : std::string();
    const auto text = in.is(value::Kind::text) ? trimmed(in.text()) : std::string_view(year);
    if (!parse_partial_date(text)) return job.invalid("partial_date_invalid");
    return job.written(text);
}

}  // namespace tributary::record
