// PersonRows: everything that the tables hold about one person, found by what stands in each row, and removed together.
// Most tables have no index by person, since people are rarely asked for and rows are always written: each call here
// reads through the narrow columns of whole tables, about a second for a million rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/outbox.hpp"
#include "gateway/store/remote_ids.hpp"

namespace tributary::store {

// The pseudonyms of one person.
struct PersonUids {
    std::vector<Uid> customers;  // and those that were merged into them
    std::vector<Uid> records;    // source records, of every entity
    std::vector<Uid> subjects;   // whose keys seal their data
};

struct PersonCounts {
    std::uint64_t records = 0, match_keys = 0, links = 0, manual_pairs = 0, customers = 0, aliases = 0;
    std::uint64_t remote_ids = 0, items = 0, withheld = 0, dead_letters = 0, attempts = 0;
    std::uint64_t disclosures = 0, consent_events = 0, marks = 0, keys = 0;
};

class PersonRowsView {
  public:
    virtual ~PersonRowsView() = default;
    // Adds what hangs together with these: merged ids of the customers, their linked records, the subjects of the
    // records, and all records of the subjects. Sorted, each once.
    virtual Result<PersonUids> widen(PersonUids person) = 0;
    virtual Result<PersonCounts> count(const PersonUids& person) = 0;
    virtual Result<std::vector<Item>> items(const PersonUids& person) = 0;
    virtual Result<std::vector<std::int64_t>> dead_letters(const PersonUids& person) = 0;
    virtual Result<std::vector<RemoteId>> remote_ids(const PersonUids& person) = 0;
    // Lanes with items of the person that a delivery holds now.
    virtual Result<std::uint64_t> lanes_under_way(const PersonUids& person) = 0;
};

class PersonRows : public virtual PersonRowsView {
  public:
    // Removes all of it but the consent events: these stay as evidence under `pseudonym`, without contact point,
    // capture and sealed part. The keys go too. What was there, by table. Fault::conflict while a lane is under way.
    virtual Result<PersonCounts> remove(const PersonUids& person, Uid pseudonym) = 0;
};

}  // namespace tributary::store
