#include "gateway/flow/erasure_certificate.hpp"

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

std::string_view result_of(const store::PropagationTask& task) {
    return task.state == store::TaskState::confirmed ? "done" : store::name_of(task.state);
}

}  // namespace

std::string certificate_text(const consent::SubjectRequest& request, const ErasureProgress& progress,
                             const std::vector<store::PropagationTask>& tasks, Timestamp now) {
    value::Builder out;
    const auto time = [&](std::string_view name, const std::optional<Timestamp>& at) {
        if (at) out.key(name).text(record::timestamp_text(*at));
    };
    const auto number = [&](std::string_view name, std::uint64_t count) {
        out.key(name).integer(static_cast<std::int64_t>(count));
    };
    out.begin_object().key("type").text("tributary/erasure-certificate/1");
    out.key("request").text(request.uid.text()).key("state").text(name_of(request.state));
    out.key("complete").boolean(request.state == consent::RequestState::completed);
    out.key("pseudonyms").begin_array();
    for (const auto* part : {&progress.earlier, &progress.people.subjects})
        for (const auto& subject : *part) out.text(subject.text());
    out.end();
    time("received_at", request.received_at);
    out.key("verified_by").text(request.verified_by).key("verified_how").text(request.verified_how);
    out.key("approved_by").text(request.approved_by);
    time("barred_at", progress.barred_at);
    time("removed_at", progress.removed_at);
    time("verified_at", progress.verified_at);
    time("certified_at", now);
    out.key("removed").begin_object();
    for (const auto& [table, count] : progress.removed) number(table, count);
    out.end();
    out.key("systems").begin_array();
    const auto result = !progress.held.empty() ? "legal hold" : progress.verified_at ? "done" : "failed";
    out.begin_object().key("system").text("gateway").key("result").text(result).end();
    for (const auto& task : tasks) {
        out.begin_object().key("system").text(task.task.destination).key("result").text(result_of(task));
        if (!task.last_error.empty()) out.key("because").text(task.last_error);
        time("at", task.settled_at);
        out.end();
    }
    out.end();
    // They gave us the data, and still have them: they are asked there.
    out.key("sources_not_asked").begin_array();
    for (const auto& source : progress.sources) out.text(source);
    out.end();
    out.key("keys").begin_object();
    const auto keys = progress.removed.find("subject_key");
    number("destroyed", keys == progress.removed.end() ? 0 : keys->second);
    // Copies in older backups open until the key that wrapped them is destroyed too.
    out.key("wrapped_by").begin_array();
    for (const auto& ring : progress.key_rings) out.text(ring);
    out.end().end();
    // Any that opened would have kept it from being verified.
    if (progress.verified_at) {
        out.key("tried").begin_object();
        number("sealed_blobs", progress.sampled);
        number("opened", 0);
        out.end();
    }
    number("kept_for_the_law", progress.remainders);
    out.key("audit").begin_object().key("from").integer(progress.audit_from).key("to").integer(progress.audit_to).end();
    out.key("waits_for").begin_array();
    for (const auto& one : progress.waits_for) out.text(one);
    const auto document = out.end().end().take();
    return value::to_json(document.root()) + "\n";
}

}  // namespace tributary::flow
