// Propagation tasks: made once, claimed under a lease, settled by whoever holds it, closed by an operator.
#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline store::NewPropagationTask propagation_task(std::uint32_t request, const std::string& destination,
                                                  std::int64_t due) {
    store::NewPropagationTask task{.request = uid(request), .subject = uid(500), .customer = uid(600)};
    task.destination = destination;
    task.external_id = "17";
    task.purpose = "marketing.email";
    task.sealed = "sealed";
    task.created_at = at(0);
    task.next_run_at = at(0);
    task.due_at = at(due);
    return task;
}

inline void check_propagation(Engine& engine) {
    using namespace store;
    using namespace std::chrono_literals;
    auto store = engine.open();
    const auto put = [&](std::vector<NewPropagationTask> tasks) {
        return write(*store, [&](Session& s) { return s.propagation().put(tasks); });
    };
    const auto list = [&](PropagationFilter filter) {
        return read(*store, [&](ReadSession& s) { return s.propagation().list(filter, 0, 100); });
    };
    const auto claim = [&](std::int64_t now) {
        return write(*store, [&](Session& s) { return s.propagation().claim(10, at(now), 60s); });
    };
    const auto settle = [&](TaskOutcome outcome) {
        write(*store, [&](Session& s) { return s.propagation().settle(outcome); });
    };

    SECTION("one task for each request, destination, id, purpose and kind") {
        auto erase = propagation_task(1, "crm", 900);
        erase.kind = TaskKind::erase;
        auto other_purpose = propagation_task(1, "crm", 900);
        other_purpose.purpose = "marketing.sms";
        CHECK(put({propagation_task(1, "crm", 900), propagation_task(1, "shop", 900), erase, other_purpose}) == 4);
        CHECK(put({propagation_task(1, "crm", 5), propagation_task(2, "crm", 900)}) == 1);
        const auto all = list({});
        REQUIRE(all.size() == 5);
        CHECK(all[0].task.due_at == at(900));
        CHECK(all[0].task.request == uid(1));
        CHECK(all[0].task.subject == uid(500));
        CHECK(all[0].task.customer == uid(600));
        CHECK(all[0].task.external_id == "17");
        CHECK(all[0].task.purpose == "marketing.email");
        CHECK(all[0].task.sealed == "sealed");
        CHECK(all[2].task.kind == TaskKind::erase);
        CHECK(read(*store, [&](ReadSession& s) { return s.propagation().get(all[1].id); })->task.destination == "shop");
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.propagation().get(4711); }));
    }
    SECTION("each part of a filter narrows the list") {
        put({propagation_task(1, "crm", 100), propagation_task(2, "crm", 900), propagation_task(2, "shop", 900)});
        CHECK(list({.request = uid(2)}).size() == 2);
        CHECK(list({.subject = uid(500)}).size() == 3);
        CHECK(list({.subject = uid(501)}).empty());
        CHECK(list({.kind = TaskKind::erase}).empty());
        CHECK(list({.state = TaskState::pending, .destination = "shop"}).size() == 1);
        CHECK(list({.overdue_at = at(101)}).size() == 1);
        CHECK(list({.destination = "nowhere"}).empty());
        CHECK(read(*store, [](ReadSession& s) { return s.propagation().overdue(at(901)); }) == 3);
    }
    SECTION("a claimed task is hidden until its lease ends, and only its newest claim settles it") {
        put({propagation_task(1, "crm", 900)});
        CHECK(claim(-1).empty());
        const auto first = claim(0);
        REQUIRE(first.size() == 1);
        CHECK(first[0].attempts == 1);
        CHECK(claim(59).empty());
        const auto second = claim(60);
        REQUIRE(second.size() == 1);
        CHECK(second[0].attempts == 2);
        CHECK(failure(*store, [&](Session& s) {
                  return s.propagation().settle({first[0].id, 1, TaskState::confirmed, "", at(61), {}});
              }).fault == Fault::conflict);
        settle({first[0].id, 2, TaskState::confirmed, "", at(62), {}});
        const auto done = list({})[0];
        CHECK(done.state == TaskState::confirmed);
        CHECK(done.settled_at == at(62));
        CHECK(done.sent_at == at(62));
        CHECK(done.task.sealed.empty());
        CHECK(claim(9999).empty());
        CHECK(list({.overdue_at = at(9999)}).empty());
    }
    SECTION("a retry comes back when it is due; what is given up does not") {
        put({propagation_task(1, "crm", 900)});
        const auto id = claim(0)[0].id;
        settle({id, 1, TaskState::pending, "503", at(1), at(30)});
        CHECK(read(*store, [](ReadSession& s) { return s.propagation().next_due(); }) == at(30));
        CHECK(list({})[0].last_error == "503");
        CHECK(claim(29).empty());
        CHECK(claim(30)[0].attempts == 2);
        settle({id, 2, TaskState::sent, "", at(31), at(40)});
        CHECK(list({.state = TaskState::sent})[0].sent_at == at(31));
        CHECK(claim(40).size() == 1);
        settle({id, 3, TaskState::failed, "gone", at(41), {}});
        CHECK(claim(9999).empty());
        CHECK(list({.state = TaskState::failed})[0].task.sealed == "sealed");
        CHECK(read(*store, [](ReadSession& s) { return s.propagation().overdue(at(901)); }) == 1);
        CHECK(write(*store, [&](Session& s) { return s.propagation().reopen(id, at(50)); }));
        CHECK_FALSE(write(*store, [&](Session& s) { return s.propagation().reopen(id, at(50)); }));
        CHECK(claim(50)[0].attempts == 1);
    }
    SECTION("an operator closes what nobody does by itself, once, with a note") {
        put({propagation_task(1, "crm", 900)});
        const auto id = claim(0)[0].id;
        settle({id, 1, TaskState::unsupported, "", at(1), {}});
        write(*store, [&](Session& s) { return s.propagation().close(id, "by telephone", at(5)); });
        CHECK(list({})[0].state == TaskState::confirmed);
        CHECK(list({})[0].note == "by telephone");
        const auto again = [&](Session& s) { return s.propagation().close(id, "twice", at(6)); };
        CHECK(failure(*store, again).fault == Fault::conflict);
        const auto unknown = [](Session& s) { return s.propagation().close(4711, "x", at(6)); };
        CHECK(failure(*store, unknown).fault == Fault::not_found);
    }
    SECTION("they are counted by destination, kind and state") {
        put({propagation_task(1, "crm", 1), propagation_task(2, "crm", 1), propagation_task(3, "shop", 1)});
        const auto counts = read(*store, [](ReadSession& s) { return s.propagation().counts(); });
        REQUIRE(counts.size() == 2);
        CHECK(counts[0].tasks + counts[1].tasks == 3);
        CHECK(counts[0].state == TaskState::pending);
    }
}

}  // namespace tributary::contract
