#include "gateway/flow/outbound.hpp"

#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/sensitive.hpp"

namespace tributary::flow {
namespace {

// Whom an item is about, as they are now and not as they were when it was queued.
struct Whom {
    std::vector<Uid> subjects;
    value::Document person;  // empty: nobody, or gone since
};

// nullopt: erased, whether or not its key is destroyed yet.
Result<std::optional<Whom>> whom_of(World& world, const store::Item& item) {
    bool erased = false;
    Uid customer;
    CustomerRows rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto since, session.erasures().contains(std::span(&item.subject, 1)));
        erased = since.front().has_value();
        if (erased || item.customer.is_nil()) return {};
        TRY(auto customers, session.identity().resolve(std::span(&item.customer, 1)));
        customer = customers.front();
        TRY(rows, read_customer(session, customer));
        return {};
    }));
    if (erased) return std::nullopt;
    Whom whom;
    for (const auto& row : rows.records) whom.subjects.push_back(row.header.subject);
    if (whom.subjects.empty()) whom.subjects.push_back(item.subject);
    if (item.customer.is_nil()) return whom;
    auto loaded = load_customer(world, customer, std::move(rows));
    if (loaded)
        whom.person = std::move(loaded->golden);
    else if (loaded.error().fault != Fault::not_found)
        return pass(std::move(loaded));
    return whom;
}

consent::Decision denied_as_erased() {
    consent::Decision decision;
    decision.verdict = consent::Verdict::deny;
    decision.reason = kErased;
    return decision;
}

// What the destination calls a record: as this round learned it, which is not in the store before the round is settled,
// or as the store knows it.
Result<std::optional<std::string>> remote_of(store::ReadSession& session, const DeliveryLane& lane,
                                             const std::string& destination, const std::string& entity,
                                             const Uid& local) {
    for (auto ended = lane.ended.rbegin(); ended != lane.ended.rend(); ++ended)
        if (ended->remote && ended->remote->entity == entity && ended->remote->local == local)
            return ended->remote->remote_id;
    TRY(auto found, session.remote_ids().remote_of(destination, entity, std::span(&local, 1)));
    return found.front();
}

// The canonical record with its own `id`, and with what the destination calls it and its customer under `remote`.
Result<value::Document> with_remote_ids(World& world, DeliveryLane& lane) {
    auto& work = lane.head();
    const auto& item = *work.item;
    std::optional<std::string> own, contact;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(own, remote_of(session, lane, item.destination, item.entity, item.record));
        if (item.customer.is_nil()) return {};
        TRY(auto customers, session.identity().resolve(std::span(&item.customer, 1)));
        TRY(contact, remote_of(session, lane, item.destination, "contact", customers.front()));
        return {};
    }));
    work.push.remote_id = own;
    value::Builder out;
    out.begin_object().key("id").text(item.record.text());
    for (auto member : work.canonical.root())
        if (member.key() != "remote" && member.key() != "id") out.key(member.key()).copy(member);
    out.key("remote").begin_object();
    if (own) out.key("id").text(*own);
    if (contact) out.key("contact").text(*contact);
    out.end().end();
    return out.take();
}

}  // namespace

Result<consent::Decision> permit(World& world, DeliveryItem& work) {
    const auto& item = *work.item;
    auto place = item_place(item.destination, item.record, item.op_key.view());
    auto opened = open_payload(world, item.subject, place, item.clear, item.sealed);
    if (!opened && opened.error().fault == Fault::not_found) return denied_as_erased();
    if (!opened) return pass(std::move(opened));
    work.canonical = std::move(*opened);
    TRY(const auto whom, whom_of(world, item));
    if (!whom) return denied_as_erased();
    auto facts = ConsentFacts::load(world, whom->subjects);
    auto decide = [&](bool sensitive) {
        return facts.decide(world, *work.delivery, whom->subjects,
                            {work.canonical.root(), whom->person.root(), sensitive});
    };
    const auto* entity = world.model.entity(item.entity);
    bool sensitive = entity && record::holds_sensitive(*entity, work.canonical.root());
    auto decision = decide(sensitive);
    if (!sensitive || decision.reason != "C-SENSITIVE") return decision;
    // The rest may go where it alone is what lacks a consent.
    work.canonical = record::without_sensitive(*entity, work.canonical.root());
    return decide(false);
}

Result<void> fill_push(World& world, DeliveryLane& lane, mapping::Scratch& scratch) {
    auto& work = lane.head();
    TRY(auto source, with_remote_ids(world, lane));
    work.push.idempotency_key = to_hex(work.item->op_key.view());
    work.push.deleted = work.operation.deleted;
    if (!work.delivery->plan) {
        work.push.record = std::move(source);
        return {};
    }
    auto mapped = work.delivery->plan->run(source.root(), scratch);
    if (mapped.skipped || mapped.records.empty())
        return fail(Fault::refused, "mapping " + work.delivery->plan->name() + " leaves this record out");
    if (!mapped.accepted()) {
        std::string cause;
        for (const auto& issue : mapped.issues)
            if (issue.level == mapping::Level::quarantine) cause += (cause.empty() ? "" : "; ") + issue.text();
        return fail(Fault::bad_input, cause, "mapping " + work.delivery->plan->name());
    }
    work.push.record = std::move(mapped.records.front().document);
    return {};
}

store::WithheldRow withheld_row(const World& world, const DeliveryItem& work, std::string_view reason) {
    const auto& item = *work.item;
    return {0,
            item.destination,
            item.record,
            item.customer,
            item.entity,
            item.operation,
            work.delivery->purpose,
            std::string(reason),
            item.origin,
            item.mapping_version,
            world.clock.now()};
}

store::Disclosure disclosure_of(const World& world, const DeliveryItem& work, const std::string& remote_id) {
    const auto& item = *work.item;
    std::string fields;
    for (auto member : work.push.record.root()) fields += std::string(member.key()) + "\n";
    Timestamp now = world.clock.now();
    return {item.subject, work.delivery->purpose, item.destination, remote_id, crypto::sha256(fields), now, now};
}

store::NewDeadLetter dead_letter(const DeliveryItem& work, const Error& error, Timestamp now, std::uint32_t attempts) {
    store::NewDeadLetter letter;  // the store fills in what stands in the item
    letter.stage = "deliver";
    letter.fault = error.fault;
    letter.cause = error.text();
    if (work.delivery && work.delivery->plan) letter.mapping_version = work.delivery->plan->version();
    letter.first_failed_at = letter.last_failed_at = now;
    letter.attempts = attempts;
    return letter;
}

}  // namespace tributary::flow
