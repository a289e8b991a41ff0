// Holds, restrictions and readmissions of people.
#include <algorithm>

#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/erased.hpp"
#include "gateway/flow/erasure.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

// Puts or removes a mark on all subjects of a customer, with its audit entry.
run::Task<Answer> mark_people(Gateway& gateway, const access::Caller& caller, value::Node arguments,
                              store::MarkKind kind, bool put, std::string action) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto customers, customers_argument(arguments));
        TRY(const auto by, operator_argument(caller, arguments));
        std::string basis;
        if (put) {
            TRY(basis, note_argument(arguments, "basis"));
        }
        TRY(const auto until, time_argument(arguments, "until"));
        TRY(const auto people, flow::people_of(world, customers));
        const auto now = world.clock.now();
        std::vector<store::SubjectMark> marks;
        for (const auto& subject : people.subjects) marks.push_back({kind, subject, basis, until, by, now});
        const auto entry = flow::audit_entry(
            world.clock, "user", by, action,
            {{"customer", customers.front().text()}, {"subjects", std::to_string(marks.size())}, {"basis", basis}});
        std::uint64_t changed = marks.size();
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            if (put) {
                CHECK_OK(session.subject_marks().put(marks));
            } else {
                TRY(changed, session.subject_marks().remove(kind, people.subjects));
            }
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        value::Builder out;
        return out.begin_object().key("subjects").integer(static_cast<std::int64_t>(changed)).end().take();
    });
}

run::Task<Answer> hold_people(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return mark_people(gateway, caller, arguments, store::MarkKind::held, true, "subject.hold");
}
run::Task<Answer> release_people(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return mark_people(gateway, caller, arguments, store::MarkKind::held, false, "subject.release");
}
run::Task<Answer> restrict_use(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return mark_people(gateway, caller, arguments, store::MarkKind::restricted, true, "subject.restrict");
}
run::Task<Answer> unrestrict(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    return mark_people(gateway, caller, arguments, store::MarkKind::restricted, false, "subject.unrestrict");
}

// By what a source calls them: of an erased person nothing else is known.
run::Task<Answer> readmit(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        TRY(const auto connection, needed_text(arguments, "connection"));
        TRY(const auto external_id, needed_text(arguments, "external_id"));
        TRY(const auto basis, note_argument(arguments, "basis"));
        TRY(const auto by, operator_argument(caller, arguments));
        const auto subject = world.blind.subject_of(connection, "contact", external_id);
        const store::Digest own = world.blind.of("system", connection + "/" + external_id);
        const auto entry = flow::audit_entry(world.clock, "user", by, "subject.readmit",
                                             {{"subject", subject.text()}, {"basis", basis}});
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            TRY(const auto since, session.erasures().contains(std::span(&subject, 1)));
            if (!since.front()) return fail(Fault::not_found, "nobody of this name was erased", "argument external_id");
            TRY(auto keys, flow::keys_erased_with(session, subject));
            keys.push_back(own);
            std::ranges::sort(keys);
            keys.erase(std::ranges::unique(keys).begin(), keys.end());
            const store::Erasure back{
                0, crypto::make_uid(world.clock, world.random), subject, keys, true, world.clock.now()};
            CHECK_OK(session.erasures().add(std::span(&back, 1)));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        value::Builder out;
        return out.begin_object().key("readmitted").text(subject.text()).end().take();
    });
}

}  // namespace

std::vector<NamedOperation> subject_mark_operations() {
    using api::field::integer, api::field::text;
    using enum access::Permission;
    const auto by = text("by"), customer = text("customer").needed();
    const api::Fields marked{integer("subjects")};
    return {
        {"subject.hold", retention_change, hold_people, {customer, text("basis").needed(), text("until"), by}, marked},
        {"subject.release", retention_change, release_people, {customer, text("until"), by}, marked},
        {"subject.restrict",
         subject_approve,
         restrict_use,
         {customer, text("basis").needed(), text("until"), by},
         marked},
        {"subject.unrestrict", subject_approve, unrestrict, {customer, text("until"), by}, marked},
        {"subject.readmit",
         subject_approve,
         readmit,
         {text("connection").needed(), text("external_id").needed(), text("basis").needed(), by},
         {text("readmitted")}}};
}

}  // namespace tributary::app
