#include "gateway/base/text.hpp"
#include "gateway/record/convert_plan.hpp"
#include "gateway/record/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::record {

Conversion convert_text(const ConvertJob& job, value::Node in) {
    std::string scratch, scalar;
    if (!in.is(value::Kind::text)) {
        if (!job.plan.widened || !(in.is_number() || in.is(value::Kind::boolean))) return job.invalid("text_invalid");
        scalar = in.scalar_text();
    }
    const auto clean = clean_text(in.is(value::Kind::text) ? in.text() : scalar, scratch);
    if (clean.text.empty()) return Conversion::absent;
    const auto most = job.plan.field->max_length;
    if (most != 0 && clean.text.size() > most && length(clean.text) > most) {
        if (!job.options().truncate) return job.invalid("text_too_long");
        job.out.text(trim(first(clean.text, most)));
        return job.flagged("truncated");
    }
    job.out.text(clean.text);
    return clean.removed_controls ? job.flagged("controls_removed") : Conversion::written;
}

Conversion convert_map(const ConvertJob& job, value::Node in) {
    if (!in.is(value::Kind::object)) return job.invalid("kind_mismatch");
    if (const auto most = job.plan.field->max_length; most != 0 && value::to_json(in).size() > most)
        return job.invalid("map_too_long");
    job.out.copy(in);
    return Conversion::written;
}

Conversion convert_reference(const ConvertJob& job, value::Node in) {
    constexpr std::size_t kLongest = 255;
    std::string number;
    std::string_view id;
    if (in.is(value::Kind::text))
        id = trim(in.text());
    else if (in.is(value::Kind::integer))
        id = number = std::to_string(in.integer());
    if (id.empty() || id.size() > kLongest) return job.invalid("reference_invalid");
    job.out.begin_object();
    job.out.key("entity").text(job.plan.field->target);
    job.out.key("external_id").text(id);
    job.out.end();
    return Conversion::written;
}

}  // namespace tributary::record
