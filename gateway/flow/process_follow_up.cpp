// What the records of a batch lead to: who is who, what was withheld, and what goes to which destination.
#include <algorithm>
#include <set>

#include "gateway/flow/current_change.hpp"
#include "gateway/flow/merge_gate.hpp"
#include "gateway/flow/process.hpp"
#include "gateway/flow/process_plan.hpp"

namespace tributary::flow {

namespace {

// Customers of contact records that this batch does not bring.
Result<std::map<Uid, Uid>> customers_of(World& world, const std::set<Uid>& contacts, const PeopleChange& people) {
    std::map<Uid, Uid> out = people.customer_of;
    std::vector<Uid> ask;
    for (const auto& contact : contacts)
        if (!out.contains(contact)) ask.push_back(contact);
    if (ask.empty()) return out;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto links, session.identity().links_of(ask));
        for (std::size_t i = 0; i < ask.size(); ++i)
            if (links[i]) out[ask[i]] = links[i]->customer;
        return {};
    }));
    return out;
}

Result<std::vector<Uid>> subjects_of(World& world, const Uid& customer, const PeopleChange& people) {
    for (const auto& change : people.customers)
        if (change.row.uid == customer) return change.subjects;
    std::vector<Uid> subjects;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto rows, session.records().by_customer(customer));
        for (const auto& row : rows) subjects.push_back(row.header.subject);
        return {};
    }));
    return subjects;
}

bool delivered_anywhere(const World& world, const std::string& entity) {
    return std::ranges::any_of(world.deliveries, [&](const Delivery& delivery) { return delivery.entity == entity; });
}

// What was withheld from a merged customer is the survivor's now: its contact went into the survivor's, everything else
// is decided again with the consent of both.
Result<void> follow_merges(World& world, const PeopleChange& people, std::vector<CurrentChange>& again) {
    for (const auto& [merged, survivor] : people.merged) {
        TRY(auto subjects, subjects_of(world, merged, people));
        TRY(auto more, subjects_of(world, survivor, people));
        subjects.insert(subjects.end(), more.begin(), more.end());
        std::ranges::sort(subjects);
        subjects.erase(std::ranges::unique(subjects).begin(), subjects.end());
        std::erase_if(again, [&](const CurrentChange& one) {
            return one.change.entity == "contact" && one.change.customer == merged;
        });
        for (auto& one : again)
            if (one.change.customer == merged || one.change.customer == survivor) {
                one.change.customer = survivor;
                one.change.subjects = subjects;
            }
    }
    return {};
}

Change change_of(const CustomerChange& customer, const std::string& origin) {
    return {"contact",
            customer.row.uid,
            customer.row.uid,
            customer.subject,
            customer.subjects,
            customer.row.version,
            customer.golden.empty(),
            origin,
            "",
            customer.golden.root()};
}

}  // namespace

// Identity, consent and routing: what the changed records lead to.
Result<void> Process::follow_up(ProcessPlan& plan) {
    auto& prepared = plan.prepared;
    std::vector<const PreparedRecord*> contacts;
    std::set<Uid> referred;
    for (const auto& record : prepared.records) {
        if (record.row.entity == "contact")
            contacts.push_back(&record);
        else if (!record.contact.is_nil())
            referred.insert(record.contact);
    }
    for (const auto& consent : prepared.consents) referred.insert(consent.contact);
    auto touched = plan.again.touched;
    for (const auto& consent : prepared.consents)
        if (is_about_merging(consent.event)) touched.push_back(consent.contact);
    TRY(plan.people, relink(world_, contacts, touched, prepared.consents));
    TRY(auto customer_of, customers_of(world_, referred, plan.people));

    TRY(plan.service, service_cases(world_, prepared.records, customer_of));

    std::vector<Change> changes;
    std::vector<Uid> subjects;
    const auto& origin = plan.batch.connection;
    if (delivered_anywhere(world_, "contact"))
        for (const auto& customer : plan.people.customers) changes.push_back(change_of(customer, origin));
    std::map<Uid, value::Document> persons;  // whose golden view did not change
    auto person_of = [&](const Uid& customer) -> Result<value::Node> {
        for (const auto& change : plan.people.customers)
            if (change.row.uid == customer) return change.golden.root();
        auto known = persons.find(customer);
        if (known == persons.end()) {
            auto loaded = load_customer(world_, customer);
            if (!loaded && loaded.error().fault != Fault::not_found) return pass(std::move(loaded));
            known = persons.emplace(customer, loaded ? std::move(loaded->golden) : value::Document()).first;
        }
        return known->second.root();
    };
    auto add = [&](const PreparedRecord& record, const std::string& from) -> Result<void> {
        const auto& row = record.row;
        if (row.entity == "contact" || !delivered_anywhere(world_, row.entity)) return {};
        Change change{row.entity,
                      row.header.uid,
                      {},
                      row.header.subject,
                      {row.header.subject},
                      row.header.version + 1,
                      row.header.deleted,
                      from,
                      row.mapping_version,
                      record.document.root()};
        if (auto customer = customer_of.find(record.contact); customer != customer_of.end()) {
            change.customer = customer->second;
            TRY(change.subjects, subjects_of(world_, change.customer, plan.people));
            TRY(change.person, person_of(change.customer));
        }
        changes.push_back(std::move(change));
        return {};
    };
    for (const auto& record : prepared.records)
        if (std::ranges::find(plan.service.echoes, record.row.header.uid) == plan.service.echoes.end())
            CHECK_OK(add(record, origin));
    for (const auto& one : plan.service.changes) {
        if (!one.record.contact.is_nil() && !customer_of.contains(one.record.contact)) {
            TRY(auto more, customers_of(world_, {one.record.contact}, plan.people));
            customer_of.merge(more);
        }
        CHECK_OK(add(one.record, one.origin));
    }

    // Withheld rows of customers about whom consent changed are decided again, on their newest form.
    auto& reconsider = plan.again.reconsider;
    for (const auto& consent : prepared.consents)
        if (auto customer = customer_of.find(consent.contact); customer != customer_of.end())
            reconsider.push_back(customer->second);
    for (const auto& [merged, survivor] : plan.people.merged) {
        reconsider.push_back(merged);
        reconsider.push_back(survivor);
    }
    std::ranges::sort(reconsider);
    reconsider.erase(std::ranges::unique(reconsider).begin(), reconsider.end());
    TRY(auto again, withheld_changes(world_, reconsider));
    CHECK_OK(follow_merges(world_, plan.people, again));
    for (const auto& letter : plan.again.redeliver) {
        TRY(auto current,
            current_change(world_, letter.entity, letter.record, letter.customer, letter.operation, letter.connection));
        if (current) again.push_back(std::move(*current));
    }

    for (const auto& change : changes) subjects.insert(subjects.end(), change.subjects.begin(), change.subjects.end());
    for (const auto& one : again)
        subjects.insert(subjects.end(), one.change.subjects.begin(), one.change.subjects.end());
    for (std::size_t i = 0; i < prepared.consents.size(); ++i) {
        const auto& consent = prepared.consents[i];
        if (!ends_use(consent.event)) continue;
        Withdrawal ended{.consent = i, .customer = {}, .subjects = {consent.row.subject}, .reach = {}};
        if (auto customer = customer_of.find(consent.contact); customer != customer_of.end()) {
            ended.customer = customer->second;
            TRY(auto more, subjects_of(world_, customer->second, plan.people));
            ended.subjects.insert(ended.subjects.end(), more.begin(), more.end());
            TRY(auto person, person_of(customer->second));
            ended.reach = reach_of(person);
        }
        plan.withdrawals.push_back(std::move(ended));
    }
    std::vector<store::ConsentEventRow> pending;
    for (const auto& consent : prepared.consents) pending.push_back(consent.row);
    plan.taken_back = reconsider;
    if (changes.empty() && again.empty()) return {};
    auto facts = ConsentFacts::load(world_, subjects, pending);
    for (auto& one : again) {
        one.change.document = one.document.root();
        one.change.person = one.person.root();
        route(world_, one.change, facts, plan.routed, {one.delivery});
    }
    for (const auto& change : changes) route(world_, change, facts, plan.routed);
    plan.result.enqueued = plan.routed.items.size();
    plan.result.withheld = plan.routed.withheld.size();
    return {};
}

}  // namespace tributary::flow
