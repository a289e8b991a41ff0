#include "gateway/connector/declarative/export_job.hpp"

#include <algorithm>

#include "gateway/connector/declarative/time_form.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {

std::set<std::string, std::less<>> ExportJob::saved() const {
    std::set<std::string, std::less<>> out;
    for (const auto& [name, _] : save) out.insert(name);
    return out;
}

void ExportJob::check(const Names& names, bool has_cursor, spec::Problems& problems) const {
    auto creating = names;
    if (has_cursor) creating.any("cursor");
    create.check(creating, problems);
    auto with_job = names;
    with_job.only("job", saved());
    poll.check(with_job, problems);
    if (remove) remove->check(with_job, problems);
    with_job.any("answer");
    for (const auto& [_, where] : save) where.check(with_job, problems);
}

void JobState::write(value::Builder& out) const {
    out.begin_object().key("saved").text(saved).key("created").text(to_rfc3339(created));
    out.key("poll_at").text(to_rfc3339(poll_at)).key("attempts").integer(attempts);
    if (ready) out.key("ready").boolean(true);
    if (failed) out.key("failed").boolean(true);
    out.end();
}

std::optional<JobState> JobState::read(value::Node node) {
    if (!node.is(value::Kind::object)) return std::nullopt;
    const auto created = net::parse_rfc3339(node.find("created").text());
    const auto poll_at = net::parse_rfc3339(node.find("poll_at").text());
    if (!created || !poll_at) return std::nullopt;
    return JobState{std::string(node.find("saved").text()),
                    *created,
                    *poll_at,
                    node.find("ready").boolean(),
                    node.find("failed").boolean(),
                    static_cast<int>(std::clamp<std::int64_t>(node.find("attempts").integer(), 1, 100))};
}

Result<void> JobState::take(const std::vector<spec::Named<Where>>& save, const Answer& answer, const Scope& scope) {
    const auto before = saved.empty() ? Result<value::Document>(value::Document{}) : value::parse_json(saved);
    if (!before) return fail(Fault::bad_input, "the saved job is not one of this connector");
    value::Builder out;
    out.begin_object();
    for (const auto& [name, where] : save) {
        TRY(const auto text, where.read(answer, scope));
        if (text)
            out.key(name).text(*text);
        else if (const auto old = before->root().find(name); !old.is(value::Kind::missing))
            out.key(name).copy(old);
    }
    out.end();
    saved = value::to_json(out.take().root());
    return {};
}

const spec::Type<ExportJob>& describe(spec::Tag<ExportJob>) {
    static const auto type =
        spec::Object<ExportJob>("export_job", "an export that the system prepares: created, polled, then read")
            .field("create", &ExportJob::create, {.summary = "starts it; {cursor} is what changed since"})
            .field("save", &ExportJob::save,
                   {.summary = "values of this answer and of the polls', used as {job.NAME}", .required = false})
            .field("poll", &ExportJob::poll, {.summary = "asks how far it is"})
            .field("done", &ExportJob::done, {.summary = "the poll's answer says that it can be read"})
            .field("failed", &ExportJob::failed, {.summary = "the poll's answer says that it never will be"})
            .field("empty", &ExportJob::empty, {.summary = "done, and there is nothing to read"})
            .field("every", &ExportJob::every, {.summary = "between two polls, at most 30s", .fallback = "5s"})
            .field("give_up_after", &ExportJob::give_up_after,
                   {.summary = "from its creation; then it counts as failed", .fallback = "2h"})
            .field("remove", &ExportJob::remove, {.summary = "when it was read"})
            .check([](const ExportJob& job, const spec::Yaml& yaml, spec::Problems& problems) {
                if (job.every < std::chrono::seconds(1) || job.every > std::chrono::seconds(30))
                    problems.add(yaml.place(), "every must be between 1s and 30s");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
