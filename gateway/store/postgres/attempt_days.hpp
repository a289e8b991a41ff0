// Attempts by day. On PostgreSQL `attempt` is partitioned by the UTC day of `at`, and old days are dropped:
//   attempt_20260131   a day. Made from yesterday to a week ahead of the server's clock, by each sweep and at the start
//   attempt_before     what an upgraded or moved store holds from before, up to the first day; dropped when all is old
//   attempt_default    times that have no other place, since a clock was far off: no row is ever refused
// From the last two old rows are deleted in steps as well. A day that the default has rows of is not made: they stay
// there, so nothing is moved.
#pragma once

namespace tributary::store {

// The step of the schema that lays the table out so. No row is written anew, but all are read twice. For who holds the
// lock of writers it makes two functions: attempt_days_ahead() makes the days that are missing; attempt_sweep(before,
// limit) does so too, drops the days that ended by `before`, deletes at most `limit` older rows from each of the other
// two, and returns how many. Neither makes nor drops when it would wait half a second for who reads attempts: the next
// sweep tries again.
extern const char* const kAttemptDays;

}  // namespace tributary::store
