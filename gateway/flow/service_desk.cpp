#include "gateway/flow/service_desk.hpp"

#include <algorithm>
#include <set>

#include "gateway/base/hex.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/service/case_record.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kAhead = 8;        // cases of one conversation that are looked for at once
constexpr std::size_t kCases = 64 * 8;   // of one conversation; its next message opens none
constexpr std::size_t kExternalId = 12;  // bytes of the keyed hash

enum class Group { ordinary, privacy };

// A case as it stands after what was done so far.
struct Open {
    PreparedRecord record;
    bool changed = false;
    std::string origin, rule;
};

class Desk {
  public:
    Desk(World& world, const std::map<Uid, Uid>& customer_of) : world_(world), customer_of_(customer_of) {}

    Result<void> take(const PreparedRecord& message);
    // False: the record is no case that rules opened.
    Result<bool> load_case(const Uid& uid);
    Result<void> take_report(const PreparedRecord& report, const Uid& of);
    ServiceWork finish() && {
        ServiceWork work;
        for (auto& [external, open] : cases_)
            if (open.changed)
                work.changes.push_back({std::move(open.record), std::move(open.origin), std::move(open.rule)});
        return work;
    }

  private:
    struct Found {
        std::string external_id;  // of the case, or of the one that would be next
        Open* open = nullptr;     // null: there is none that takes the message
        service::Standing standing = service::Standing::over;
    };
    // The case of the conversation that the message belongs to.
    Result<Found> find(const PreparedRecord& message, Group group, Timestamp at);
    Result<void> load(const std::string& connection, const std::vector<std::string>& external_ids);
    Result<void> load_row(store::RecordRow row);
    std::string conversation(const PreparedRecord& message, Group group) const;
    Result<Uid> customer(const Uid& contact);
    Result<bool> same_person(const PreparedRecord& a, const PreparedRecord& b);
    void put(Open& open, value::Document document);

    World& world_;
    const std::map<Uid, Uid>& customer_of_;
    std::map<std::string, Open> cases_;         // by connection and external id
    std::set<std::string> looked_for_, taken_;  // by the same
};

std::string name(const std::string& connection, const std::string& external_id) {
    return connection + "/" + external_id;
}

Timestamp started_at(const PreparedRecord& message) {
    return record::parse_timestamp(message.document.root().find("started_at").text()).value_or(message.row.observed_at);
}

// Below a public post many people speak: each of them has a conversation of his own.
std::string Desk::conversation(const PreparedRecord& message, Group group) const {
    auto record = message.document.root();
    auto thread = record.find("thread_key").scalar_text();
    bool in_public = record.find("kind").text() == "social_comment";
    crypto::Place parts{message.row.key.connection, thread.empty() ? "message" : "thread",
                        thread.empty() ? message.row.key.external_id : thread};
    if (in_public) parts.add(message.row.header.subject.view());
    if (group == Group::privacy) parts.add("privacy");
    return to_hex(
        std::string(crypto::Digest<32>(world_.blind.of("conversation", parts.bytes())).view().substr(0, kExternalId)));
}

Result<void> Desk::load_row(store::RecordRow row) {
    auto document = open_payload(world_, row.header.subject, record_place(row.header.uid), row.clear, row.sealed);
    if (!document && document.error().fault == Fault::not_found) return {};  // erased: nobody can read it any more
    if (!document) return pass(std::move(document), "record " + row.header.uid.text());
    Open open;
    if (auto contact = Uid::parse(document->root().find("contact_ref").find("id").text()))
        open.record.contact = *contact;
    open.record.document = std::move(*document);
    auto key = name(row.key.connection, row.key.external_id);
    open.record.row = std::move(row);
    cases_.emplace(std::move(key), std::move(open));
    return {};
}

Result<void> Desk::load(const std::string& connection, const std::vector<std::string>& external_ids) {
    std::vector<store::RecordKey> keys;
    for (const auto& id : external_ids)
        if (looked_for_.insert(name(connection, id)).second) keys.push_back({connection, std::string(kCaseStream), id});
    if (keys.empty()) return {};
    std::vector<std::optional<store::RecordRow>> rows;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.records().load(keys));
        return {};
    }));
    for (auto& row : rows)
        if (row) {
            // A row stays after erasure; its place in the conversation is taken all the same.
            taken_.insert(name(row->key.connection, row->key.external_id));
            CHECK_OK(load_row(std::move(*row)));
        }
    return {};
}

Result<bool> Desk::load_case(const Uid& uid) {
    std::optional<store::RecordRow> row;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto rows, session.records().load(std::span(&uid, 1)));
        row = std::move(rows.front());
        return {};
    }));
    if (!row || row->key.stream != kCaseStream) return false;
    CHECK_OK(load(row->key.connection, {row->key.external_id}));
    return true;
}

Result<Desk::Found> Desk::find(const PreparedRecord& message, Group group, Timestamp at) {
    const auto& connection = message.row.key.connection;
    auto base = conversation(message, group);
    for (std::size_t from = 0; from < kCases; from += kAhead) {
        std::vector<std::string> ids;
        for (std::size_t i = from; i < from + kAhead; ++i)
            ids.push_back(i == 0 ? base : base + "-" + std::to_string(i + 1));
        CHECK_OK(load(connection, ids));
        for (auto& id : ids) {
            auto key = name(connection, id);
            auto known = cases_.find(key);
            if (known == cases_.end() && taken_.contains(key)) continue;
            if (known == cases_.end()) return Found{std::move(id)};
            auto standing = service::standing(known->second.record.document.root(), message.row.header.uid, at,
                                              world_.service->conversation());
            if (standing != service::Standing::over) return Found{std::move(id), &known->second, standing};
        }
    }
    return Found{};
}

// Nil: of nobody.
Result<Uid> Desk::customer(const Uid& contact) {
    if (auto found = customer_of_.find(contact); found != customer_of_.end()) return found->second;
    Uid customer;
    if (contact.is_nil()) return customer;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto links, session.identity().links_of(std::span(&contact, 1)));
        if (links.front()) customer = links.front()->customer;
        return {};
    }));
    return customer;
}

Result<bool> Desk::same_person(const PreparedRecord& a, const PreparedRecord& b) {
    if (a.row.header.subject == b.row.header.subject) return true;
    TRY(auto of_a, customer(a.contact));
    TRY(auto of_b, customer(b.contact));
    return !of_a.is_nil() && of_a == of_b;
}

// Works out the row again from the changed document.
void Desk::put(Open& open, value::Document document) {
    auto& record = open.record;
    record.document = std::move(document);
    record.row.header.hash = record::canonical_hash(record.document.root());
    auto parts = record::split(*world_.model.entity("case"), record.document.root());
    record.row.clear = std::move(parts.clear);
    record.row.sealed.clear();
    record.personal = std::move(parts.personal);
    record.row.observed_at = world_.clock.now();
    record.row.mapping_version = "service_rules@" + world_.service->version();
    open.changed = true;
}

Result<void> Desk::take(const PreparedRecord& message) {
    using service::Standing;
    const auto& book = *world_.service;
    auto judgement = book.judge(message.row.key.connection, message.document.root());
    if (!judgement.spoken || (!judgement.privacy && !judgement.ignored_by.empty())) return {};
    auto at = started_at(message);
    TRY(auto ordinary, find(message, Group::ordinary, at));
    TRY(auto privacy, find(message, Group::privacy, at));
    service::CaseMessage words{message.row.key.external_id, message.row.header.uid, at, message.document.root(), true};
    auto join = [&](Found& found) -> Result<void> {
        TRY(words.same_person, same_person(message, found.open->record));
        put(*found.open, service::follow_up(book, found.open->record.document.root(), judgement, words));
        found.open->origin.clear();  // whoever reported on it in this batch hears of the message too
        return {};
    };
    auto is = [](const Found& found, Standing standing) { return found.open && found.standing == standing; };
    bool known = is(ordinary, Standing::known) || is(privacy, Standing::known);
    bool also_open = is(ordinary, Standing::open) || is(privacy, Standing::open);
    bool reopens = book.conversation().reopen == service::Reopen::always || judgement.verdict();

    // A privacy request has its own case. Everything else joins what is open, then what may be reopened.
    if (judgement.privacy) {
        if (is(privacy, Standing::known)) return {};
        if (privacy.open) CHECK_OK(join(privacy));
        if (is(ordinary, Standing::open)) CHECK_OK(join(ordinary));
        if (privacy.open) return {};
    } else {
        if (known) return {};
        bool joined = false;
        for (auto* found : {&ordinary, &privacy}) {
            bool other = found == &ordinary && judgement.other;  // a complaint is no matter of an open privacy request
            if (is(*found, Standing::open) || (is(*found, Standing::closed) && reopens && (!also_open || other))) {
                if (joined && !is(*found, Standing::open)) continue;
                CHECK_OK(join(*found));
                joined = true;
            }
        }
        if (joined || !judgement.other) return {};
        if (world_.clock.now() - at > book.conversation().max_age) return {};
    }
    auto& next = judgement.privacy ? privacy : ordinary;
    if (next.external_id.empty() || next.open) return {};
    Open open;
    open.rule = judgement.verdict()->rule;
    open.record.contact = message.contact;
    auto& row = open.record.row;
    row.key = {message.row.key.connection, std::string(kCaseStream), next.external_id};
    row.entity = "case";
    row.header.uid = record_uid(world_.blind, row.key);
    row.header.subject = message.row.header.subject;
    crypto::Digest<32> number = world_.blind.of("case_number", name(row.key.connection, row.key.external_id));
    put(open, service::open_case(book, judgement, words, service::case_number(number.view())));
    cases_.insert_or_assign(name(row.key.connection, next.external_id), std::move(open));
    return {};
}

Result<void> Desk::take_report(const PreparedRecord& report, const Uid& of) {
    auto found = std::ranges::find_if(cases_, [&](const auto& one) { return one.second.record.row.header.uid == of; });
    if (found == cases_.end()) return {};
    auto& open = found->second;
    auto said = service::desk_said(open.record.document.root(), report.document.root(), report.row.key.connection,
                                   report.row.observed_at);
    if (!said) return {};
    bool also_by_rules = open.changed;
    put(open, std::move(*said));
    if (!also_by_rules) open.origin = report.row.key.connection;
    return {};
}

}  // namespace

Result<ServiceWork> service_cases(World& world, std::span<const PreparedRecord> records,
                                  const std::map<Uid, Uid>& customer_of) {
    if (!world.service) return ServiceWork{};
    std::vector<const PreparedRecord*> messages;
    std::map<std::string, std::vector<const PreparedRecord*>> reports;  // by connection
    for (const auto& record : records) {
        if (record.linked || record.restated || record.row.header.deleted) continue;
        if (record.row.entity == "interaction") messages.push_back(&record);
        if (record.row.entity == "case") reports[record.row.key.connection].push_back(&record);
    }
    // A page may begin with the newest.
    std::ranges::sort(messages, {},
                      [](const PreparedRecord* one) { return std::pair(started_at(*one), one->row.header.uid); });
    Desk desk(world, customer_of);
    std::vector<Uid> echoes;
    for (const auto& [connection, of_connection] : reports) {
        std::vector<std::string> ids;
        for (const auto* report : of_connection) ids.push_back(report->row.key.external_id);
        std::vector<std::optional<Uid>> ours;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(ours, session.remote_ids().local_of(connection, "case", ids));
            return {};
        }));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (!ours[i] || *ours[i] == of_connection[i]->row.header.uid) continue;
            TRY(bool known, desk.load_case(*ours[i]));
            if (!known) continue;
            echoes.push_back(of_connection[i]->row.header.uid);
            CHECK_OK(desk.take_report(*of_connection[i], *ours[i]));
        }
    }
    for (const auto* message : messages) CHECK_OK(desk.take(*message));
    auto work = std::move(desk).finish();
    work.echoes = std::move(echoes);
    return work;
}

}  // namespace tributary::flow
