// Fault: what the caller may do about an error. The only classification the engine knows.
#pragma once

#include <string_view>

namespace tributary {

enum class Fault {
    bad_input,     // this record is wrong: quarantine it, go on with the next
    bad_config,    // the operator must change a file: stop and say so
    unauthorized,  // refresh the credential once, then pause the destination
    rate_limited,  // wait as told, nothing is counted against the record
    transient,     // try again on the schedule
    conflict,      // re-read, then try again
    refused,       // policy says no: record the reason and stop
    not_found,     // the thing is not there
    internal,      // our own bug or a broken disk: alert
};

// The name users see in logs, metrics and the API.
std::string_view name_of(Fault fault);

}  // namespace tributary
