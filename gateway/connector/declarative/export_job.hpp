// ExportJob: an export that the system prepares on its own, as a file writes it: created, polled until it is done, then
// read like any other answer (Salesforce Bulk 2.0, Shopify bulk operations, Zoho Bulk Read). Pure; RestSource drives
// it.
//
// Where a job stands is saved in the cursor, so a read that was interrupted goes on with the same job. A job that
// fails, or is gone when its result is asked for, is created once more; a second failure is told and tried again later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/request.hpp"

namespace tributary::connector {

struct ExportJob {
    RequestTemplate create;                // {cursor}: what changed since
    std::vector<spec::Named<Where>> save;  // of its answer, then of each poll's: {job.NAME} in what follows
    RequestTemplate poll;
    Condition done;
    std::optional<Condition> failed;
    std::optional<Condition> empty;         // done, and there is nothing to read
    Milliseconds every{5'000};              // between two polls; at most half a minute
    Milliseconds give_up_after{7'200'000};  // from its creation; then it counts as failed
    std::optional<RequestTemplate> remove;  // when it was read; whether it works does not matter to the read

    std::set<std::string, std::less<>> saved() const;
    void check(const Names& names, bool has_cursor, spec::Problems& problems) const;
};
const spec::Type<ExportJob>& describe(spec::Tag<ExportJob>);

// Where the job of one read stands.
struct JobState {
    std::string saved;  // JSON object
    Timestamp created{};
    Timestamp poll_at{};
    bool ready = false;
    bool failed = false;  // the next pull says so, or creates another
    int attempts = 1;     // jobs created in this read

    void write(value::Builder& out) const;
    static std::optional<JobState> read(value::Node node);
    // Adds what an answer gives; a value that is not there stays as it was.
    Result<void> take(const std::vector<spec::Named<Where>>& save, const Answer& answer, const Scope& scope);
};

}  // namespace tributary::connector
