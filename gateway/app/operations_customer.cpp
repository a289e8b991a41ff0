#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/reading.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/merge_gate.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/sight.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

// Shows each field as the caller may see its class; personal values for a purpose, and the audit trail says so.
run::Task<Answer> show(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(auto uid, uid_argument(arguments, "customer"));
        if (!uid) return fail(Fault::bad_input, "is needed", "argument customer");
        TRY(auto whole, flow::load_customer(world, *uid));
        const bool personal = access::check_permission(caller, access::Permission::personal_read).has_value();
        const auto* contact = world.model.entity("contact");
        Reading reading;
        if (personal) {
            TRY(reading, reading_for(gateway, caller, arguments, {whole.subjects, whole.golden.root(), uid->text()}));
        }
        auto entry = flow::audit_entry(
            world.clock, caller, "customer.read",
            {{"customer", uid->text()}, {"personal", personal ? "yes" : "no"}, {"purpose", reading.purpose}});
        std::vector<store::RecordRow> rows;
        std::vector<std::optional<store::Link>> links;
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            TRY(rows, session.records().by_customer(*uid));
            std::vector<Uid> records;
            for (const auto& row : rows) records.push_back(row.header.uid);
            TRY(links, session.identity().links_of(records));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        const auto shown = contact ? record::seen(*contact, whole.golden.root(), reading.sights(caller))
                                   : record::mask_all(whole.golden.root());
        value::Builder out;
        out.begin_object().key("customer").text(uid->text()).key("golden").copy(shown.root());
        out.key("records").begin_array();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto& key = rows[i].key;
            out.begin_object().key("record").text(rows[i].header.uid.text()).key("connection").text(key.connection);
            out.key("stream").text(key.stream).key("external_id").text(key.external_id);
            out.key("evidence").text(links[i] ? links[i]->evidence : "").end();
        }
        out.end().end();
        return out.take();
    });
}

run::Task<Answer> list_customers(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto after, uid_argument(arguments, "after"));
        TRY(const auto limit, integer_argument(arguments, "limit"));
        const auto most = static_cast<std::size_t>(limit.value_or(100));
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(auto customers, session.identity().list_customers(after.value_or(Uid{}), most));
            std::vector<Uid> uids;
            for (const auto& customer : customers) uids.push_back(customer.uid);
            TRY(auto members, session.identity().members(uids));
            TRY(auto count, session.identity().customer_count());
            out.begin_object().key("total").integer(static_cast<std::int64_t>(count)).key("customers").begin_array();
            for (std::size_t i = 0; i < customers.size(); ++i)
                out.begin_object()
                    .key("customer")
                    .text(uids[i].text())
                    .key("records")
                    .integer(static_cast<std::int64_t>(members[i].size()))
                    .end();
            out.end();
            if (!uids.empty() && uids.size() == most) out.key("next").text(uids.back().text());
            out.end();
            return {};
        }));
        return out.take();
    });
}

// Links or separates two records by hand; `rule` unset takes an earlier decision back.
run::Task<Answer> decide(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                         std::optional<store::PairRule> rule, std::string what) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(auto a, uid_argument(arguments, "a"));
        TRY(auto b, uid_argument(arguments, "b"));
        if (!a || !b) return fail(Fault::bad_input, "both records are needed", "arguments a and b");
        auto now = world.clock.now();
        bool objected = false;
        if (rule == store::PairRule::must_link) {
            const std::array both{*a, *b};
            TRY(objected, flow::any_stays_alone(world, both));
        }
        flow::ActDetails details{{"a", a->text()}, {"b", b->text()}};
        if (objected) details.emplace("objected", "yes");
        auto entry = flow::audit_entry(world.clock, caller.actor_type(), caller.actor(), what, details);
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            if (rule) {
                store::ManualPair pair{*a, *b, *rule, caller.actor(), now};
                CHECK_OK(session.identity().put_pairs(std::span(&pair, 1)));
            } else {
                CHECK_OK(session.identity().remove_pair(*a, *b));
            }
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        CHECK_OK(gateway.process().relink_records({*a, *b}));
        value::Builder out;
        out.begin_object().key("done").text(what);
        // A person decided it; that the customer objected to being recognised is said to them.
        if (rule == store::PairRule::must_link) out.key("objected").boolean(objected);
        out.end();
        return out.take();
    });
}

run::Task<Answer> link(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return decide(gateway, caller, arguments, store::PairRule::must_link, "customer.link");
}
run::Task<Answer> separate(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return decide(gateway, caller, arguments, store::PairRule::cannot_link, "customer.separate");
}
run::Task<Answer> undecide(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return decide(gateway, caller, arguments, std::nullopt, "customer.undecide");
}

}  // namespace

std::vector<NamedOperation> customer_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::object,
        api::field::text, api::field::uid;
    using enum access::Permission;
    const api::Fields pair{text("a").needed(), text("b").needed()}, done{text("done")};
    const api::Fields record{uid("record"), text("connection"), text("stream"), text("external_id"), text("evidence")};
    return {{"customer.show",
             customer_read,
             show,
             {text("customer").needed(), text("read_for")},
             {uid("customer"), object("golden"), list("records", record)}},
            {"customer.list",
             customer_read,
             list_customers,
             {text("after"), integer("limit")},
             {integer("total"), list("customers", {uid("customer"), integer("records")}), anything("next")}},
            {"customer.link", customer_change, link, pair, {text("done"), flag("objected")}},
            {"customer.separate", customer_change, separate, pair, done},
            {"customer.undecide", customer_change, undecide, pair, done}};
}

}  // namespace tributary::app
