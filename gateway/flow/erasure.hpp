// Eraser: runs an approved erasure to its end, or as far as it gets today. Each stage is one transaction and may be
// repeated, so a process that dies in between goes on where it was.
//
//   bar      the ledger takes them in: their records are refused, their items are dropped where they are leased
//   remove   destinations get their tasks; rows, match keys, remote ids and subject keys go; what the law wants kept of
//            orders stays without anything that leads back; consent events stay as evidence under a pseudonym
//   verify   sealed blobs taken before must not open, no row is found, the ledger refuses them
//   certify  a signed statement of what was done where. "completed" only when nothing is left anywhere
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/subject_request.hpp"
#include "gateway/flow/erasure_progress.hpp"
#include "gateway/flow/erasure_remainder.hpp"
#include "gateway/flow/request_keeper.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

struct ErasureTools {
    std::vector<RemainderRule> remainders;
    // Whether every webhook that was accepted before this moment has been worked on.
    std::function<Result<bool>(Timestamp)> inbox_is_past;
    // Signs lines of text: audit::NoteSigner::sign.
    std::function<std::string(std::string_view)> sign;
    Milliseconds patience{10'000};  // how long it waits for deliveries that are under way
};

// Blocks. The request as it is then: whoever is under legal hold stays, and is erased by a later run, once the hold has
// ended. refused: not approved; conflict: somebody else runs it.
Result<KeptRequest> run_erasure(World& world, const ErasureTools& tools, const Uid& request, const std::string& by);

// The pseudonyms of these people. not_found: there is no such customer.
Result<store::PersonUids> people_of(World& world, std::span<const Uid> customers);
// Why a customer must stay: the basis of a legal hold; nullopt: they need not. not_found: there is no such customer.
Result<std::optional<std::string>> hold_of(World& world, const Uid& customer);

}  // namespace tributary::flow
